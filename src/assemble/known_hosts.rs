//! `known_hosts` for a cluster whose nodes' host keys are derived from its secret: who they are before they ever ran.

use std::path::PathBuf;

use super::{BuildError, Workspace};
use crate::config::Plan;
use crate::disk::new_file;
use crate::image::{HostKeys, ImageError};

/// Writes `known_hosts` into the output folder, a line for each node of the cluster (sshd(8), "SSH_KNOWN_HOSTS FILE
/// FORMAT"); none without a secret.
pub fn known_hosts(workspace: &Workspace, plan: &Plan) -> Result<Option<PathBuf>, BuildError> {
    let Some(lines) = lines(plan) else { return Ok(None) };
    let path = workspace.out.join("known_hosts");
    new_file::write(&path, lines.as_bytes()).map_err(ImageError::from)?;
    Ok(Some(path))
}

fn lines(plan: &Plan) -> Option<String> {
    let secret = plan.secret.as_ref()?;
    let line = |node: &crate::config::Node| {
        let mut names = vec![node.hostname.clone(), node.address.to_string()];
        names.extend(plan.network.domain.iter().map(|domain| format!("{}.{domain}", node.hostname)));
        format!("{} {}\n", names.join(","), HostKeys::derive(secret, &node.hostname).public)
    };
    Some(plan.nodes.iter().map(line).collect())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::config::{Network, Node, Secret};

    #[test]
    fn a_line_names_the_node_in_every_way_it_is_called() {
        let subnet = "192.168.1.0/24".parse().expect("a network");
        let plan = Plan {
            name: "test".into(),
            network: Network { subnet, gateway: None, dns: Vec::new(), domain: Some("lan".into()) },
            bases: Vec::new(),
            nodes: vec![Node { hostname: "node3".into(), address: Ipv4Addr::new(192, 168, 1, 13), base: 0 }],
            secret: Some(Secret::new(vec![7; 32], "secret".into())),
            remarks: Vec::new(),
        };
        let lines = lines(&plan).expect("there is a secret");
        assert!(lines.starts_with("node3,192.168.1.13,node3.lan ssh-ed25519 AAAA"), "{lines}");
        assert_eq!(super::lines(&Plan { secret: None, ..plan }), None);
    }
}
