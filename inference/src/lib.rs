//! Neural networks as files.
