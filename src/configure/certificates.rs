//! The bundle of certificate authorities.
