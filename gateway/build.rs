//! The binary embeds the built web files, so they must be there, and a changed or added one must be noticed.

use std::{path::Path, process::exit};

fn main() {
    println!("cargo::rerun-if-changed=../web/dist");
    if !Path::new("../web/dist/widget.js").exists() {
        println!(
            "cargo::error=web/dist is not built yet: run `make web` first (it needs Node 20.19 or newer)"
        );
        exit(1);
    }
}
