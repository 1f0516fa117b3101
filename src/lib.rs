//! bramble turns one `cluster.toml` into one SD-card image for each node of a Raspberry Pi cluster.
//!
//! The modules are the rooms of the house in the order the data walks through them; a room imports only rooms
//! before it. DESIGN.md tells the contract they keep.

pub mod config_txt;

pub mod config;

pub mod archive;

pub mod tree;

pub mod unpack;

pub mod kernel;

pub mod configure;

pub mod shell;

pub mod commands;

pub mod scripts;

pub mod overlay;

pub mod firmware;

pub mod disk;

pub mod image;

pub mod inspect;

pub mod emulate;

pub mod assemble;

pub mod cli;
