//! Makes `web/dist` exist, so that a checkout without built browser code compiles (it then serves no scripts and styles).

fn main() {
    let dist = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    println!("cargo::rerun-if-changed=../../web/dist");
    if let Err(error) = std::fs::create_dir_all(&dist) {
        println!("cargo::error={} cannot be made: {error}", dist.display());
    }
}
