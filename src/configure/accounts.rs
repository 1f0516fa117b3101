//! Accounts: users, groups and their shadow files.
