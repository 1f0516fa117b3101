use super::*;

fn error(text: &str) -> String {
    Configuration::parse(text, Path::new("worker.toml")).expect_err("a wrong file").to_string()
}

#[test]
fn the_empty_file_is_the_default() {
    let read = Configuration::parse("", Path::new("worker.toml")).expect("a right file");
    assert_eq!(read, Configuration::default());
    assert_eq!(read.access_log.format, LogFormat::Off);
    let missing = Path::new("/nowhere/at/all");
    assert_eq!(Configuration::read(missing, false).expect("no file is no error"), read);
    assert!(Configuration::read(missing, true).expect_err("no file").to_string().starts_with("cannot read /nowhere/"));
}

#[test]
fn the_image_s_own_file_is_right_and_every_example_in_it_too() {
    let text = include_str!("../../../overlays/worker/files/etc/bramble/worker.toml");
    let path = Path::new("worker.toml");
    assert_eq!(Configuration::parse(text, path).expect("a right file"), Configuration::default());
    let examples: String = text
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| !line.starts_with(' '))
        .fold(String::new(), |text, line| text + line + "\n");
    let read = Configuration::parse(&examples, path).expect("right examples");
    assert_eq!(read.access_log.format, LogFormat::Combined);
    assert_eq!(read.cache[0].control, "public, max-age=31536000, immutable");
    assert_eq!(read.aliases["example.org"], ["www.example.org"]);
    assert!(read.balancers[0].contains(IpAddr::from([192, 168, 7, 9])));
}

#[test]
fn networks_contain_addresses() {
    let network: Network = "10.1.0.0/16".parse().expect("a network");
    assert!(network.contains("10.1.255.1".parse().expect("an address")));
    assert!(network.contains("::ffff:10.1.0.1".parse().expect("an address")));
    assert!(!network.contains("10.2.0.1".parse().expect("an address")));
    assert!(!network.contains("::1".parse().expect("an address")));
    let all: Network = "0.0.0.0/0".parse().expect("a network");
    assert!(all.contains("1.2.3.4".parse().expect("an address")) && !all.contains("::1".parse().expect("an address")));
    let everything: Network = "::/0".parse().expect("a network");
    assert!(everything.contains("1.2.3.4".parse().expect("an address")));
    let one: Network = "fd00::1".parse().expect("a network");
    assert!(
        one.contains("fd00::1".parse().expect("an address")) && !one.contains("fd00::2".parse().expect("an address"))
    );
}

#[test]
fn wrong_files_are_told() {
    assert!(error("port = 80").contains("unknown field `port`"));
    assert!(
        error("balancers = [\"10.0.0.0/33\"]").contains("10.0.0.0/33 is not an address like 10.0.0.1 or a network")
    );
    assert_eq!(
        error("[[cache]]\npath = \"assets\"\ncontrol = \"x\""),
        "worker.toml: cache.path = \"assets\" is not a pattern like /assets/* or *.css"
    );
    assert_eq!(
        error("[[cache]]\npath = \"*\"\ncontrol = \"x\\r\\nY: z\""),
        "worker.toml: cache.control = \"x\\r\\nY: z\" is not a value for Cache-Control"
    );
    assert_eq!(error("[aliases]\na = [\"../b\"]"), "worker.toml: aliases = \"../b\" is not a host's name");
    assert_eq!(
        error("proxy-protocol = true"),
        "worker.toml: proxy-protocol = \"true\" is not of use without balancers"
    );
    assert_eq!(
        error("[limits]\nidle-seconds = 0"),
        "worker.toml: limits.idle-seconds = \"0\" is not a number of seconds from 1 to 3600"
    );
    assert_eq!(error("[limits]\nburst = 0"), "worker.toml: limits.burst = \"0\" is not a number of requests from 1");
}
