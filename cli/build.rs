//! Links the program where it is to lie in memory.
//!
//! A planner is called again and again, and half of such a call went into moving the program: a
//! position-independent executable of this size has 76 000 pointers to mend before it begins, each page of
//! them a page fault.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
