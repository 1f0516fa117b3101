//! What the emulated machine lacks, taken out of the device tree: a driver that finds a part there touches its registers,
//! and where QEMU has none the kernel stops.

use bytes::Bytes;
use dtoolkit::fdt::Fdt;
use dtoolkit::model::{DeviceTree, DeviceTreeNode};

/// Why nodes cannot be taken out.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceTreeError {
    #[error("is none: {0}")]
    Broken(String),
    #[error(
        "has no node `{0}`, which the board file counts among the `missing` of its `[emulation]`; take it off that list"
    )]
    NoNode(String),
}

/// The flattened device tree (Devicetree Specification 0.4, chapter 5) without the nodes at `paths`.
pub(super) fn without(device_tree: &Bytes, paths: &[String]) -> Result<Bytes, DeviceTreeError> {
    if paths.is_empty() {
        return Ok(device_tree.clone());
    }
    let fdt = Fdt::new(device_tree).map_err(|error| DeviceTreeError::Broken(error.to_string()))?;
    let mut tree = DeviceTree::from_fdt(&fdt);
    for path in paths {
        remove(&mut tree, path).ok_or_else(|| DeviceTreeError::NoNode(path.clone()))?;
    }
    Ok(tree.to_dtb().into())
}

fn remove(tree: &mut DeviceTree, path: &str) -> Option<DeviceTreeNode> {
    let (parent, name) = path.rsplit_once('/')?;
    let parent = if parent.is_empty() { &mut tree.root } else { tree.find_node_mut(parent)? };
    parent.remove_child(name)
}

#[cfg(test)]
mod tests {
    use dtoolkit::model::DeviceTreeProperty;

    use super::*;

    fn device_tree() -> Bytes {
        let node = |name: &str| DeviceTreeNode::builder(name).expect("a name");
        let hdmi = node("hdmi@7ef00700").property(DeviceTreeProperty::new("status", "okay\0").expect("a name")).build();
        let soc = node("soc").child(hdmi).child(node("i2c@7ef04500").build()).build();
        let mut tree = DeviceTree::new();
        tree.root.add_child(soc);
        tree.root.add_child(node("regulator").build());
        tree.to_dtb().into()
    }

    fn left(paths: &[&str]) -> Result<Vec<String>, DeviceTreeError> {
        let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
        let tree = without(&device_tree(), &paths)?;
        let fdt = Fdt::new(&tree).expect("a device tree");
        let all = ["/soc", "/soc/hdmi@7ef00700", "/soc/i2c@7ef04500", "/regulator"];
        Ok(all.iter().filter(|path| fdt.find_node(path).is_some()).map(ToString::to_string).collect())
    }

    #[test]
    fn only_the_named_nodes_go() {
        assert_eq!(without(&device_tree(), &[]), Ok(device_tree()));
        let nodes = left(&["/soc/hdmi@7ef00700", "/regulator"]).expect("they are there");
        assert_eq!(nodes, ["/soc", "/soc/i2c@7ef04500"]);
        assert_eq!(left(&["/soc"]).expect("it is there"), ["/regulator"]);
    }

    #[test]
    fn a_name_that_misses_is_told() {
        for path in ["/soc/hdmi", "/cpus/cpu@0", "soc", ""] {
            assert_eq!(left(&[path]), Err(DeviceTreeError::NoNode(path.to_owned())));
        }
        let broken = without(&Bytes::from_static(b"not a device tree"), &["/soc".to_owned()]);
        assert!(broken.expect_err("no magic").to_string().starts_with("is none: "));
    }
}
