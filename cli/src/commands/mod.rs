//! One file a command.

pub(crate) mod bench;
pub(crate) mod bridge;
pub(crate) mod collect;
pub(crate) mod compare;
pub(crate) mod doctor;
pub(crate) mod goal;
pub(crate) mod ground;
pub(crate) mod learn_domain;
pub(crate) mod lint;
pub(crate) mod plan;
pub(crate) mod quantise;
pub(crate) mod replay;
pub(crate) mod run;
pub(crate) mod serve;
pub(crate) mod train;
pub(crate) mod validate;
pub(crate) mod view;
