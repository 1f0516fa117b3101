//! What pam-auth-update makes of the installed profiles.
