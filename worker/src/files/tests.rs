use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;
use crate::file_cache::Budget;
use crate::hashes::Hashes;
use crate::representation::Content;

fn site() -> (TempDir, Files) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::create_dir_all(dir.path().join("site/sub/index.html")).expect("folders");
    fs::write(dir.path().join("site/index.html"), "<h1>hello</h1>").expect("file");
    fs::write(dir.path().join("site/large.bin"), vec![7; 20_000]).expect("file");
    fs::write(dir.path().join("site/page.html"), "a page of some length").expect("file");
    fs::write(dir.path().join("site/page.html.gz"), "gzip").expect("file");
    fs::write(dir.path().join("site/page.html.br"), "longer than the page it stands for").expect("file");
    symlink("index.html", dir.path().join("site/inside")).expect("link");
    let rendering =
        Rendering { cache: Vec::new(), image_time: None, hashes: Arc::new(Hashes::start().expect("a thread")) };
    let site = Site::open(&dir.path().join("site")).expect("the site");
    let cache = FileCache::new(Budget { bytes: 1 << 20, descriptors: 64 });
    (dir, Files::new(Arc::new(site), Arc::default(), Arc::new(rendering), cache, 0, Instant::now()))
}

fn find(files: &mut Files, name: &str, directory: bool, now: Instant) -> Result<Rc<Resource>, Status> {
    match files.find(&mut name.as_bytes().to_vec(), directory, now)? {
        Found::File(file) => Ok(file),
        Found::Directory => Err(Status::MovedPermanently),
    }
}

fn bytes(representation: &Representation) -> &[u8] {
    match &representation.content {
        Content::Memory(bytes) => bytes,
        Content::File(_) => panic!("not in memory"),
    }
}

#[test]
fn files_are_found() {
    let (_dir, mut files) = site();
    let now = Instant::now();
    let index = find(&mut files, "", true, now).expect("the index");
    assert_eq!(bytes(index.choose(Some(b"gzip"))), b"<h1>hello</h1>");
    let large = find(&mut files, "large.bin", false, now).expect("a large file");
    let large = large.choose(None);
    assert!(matches!(large.content, Content::File(_)) && large.length() == 20_000);
    assert!(find(&mut files, "inside", false, now).is_ok());
    assert_eq!(find(&mut files, "missing", false, now).expect_err("no file"), Status::NotFound);
}

#[test]
fn smaller_codings_are_offered() {
    let (_dir, mut files) = site();
    let page = find(&mut files, "page.html", false, Instant::now()).expect("a page");
    assert_eq!(bytes(page.choose(Some(b"br, gzip;q=0.5"))), b"gzip");
    assert_eq!(bytes(page.choose(Some(b"br"))), b"a page of some length");
    assert!(page.all().all(|one| String::from_utf8_lossy(&one.validators).contains("Vary: Accept-Encoding\r\n")));
    assert_ne!(page.choose(Some(b"gzip")).tag, page.choose(None).tag);
}

#[test]
fn directories_want_their_slash_and_their_index() {
    let (_dir, mut files) = site();
    let now = Instant::now();
    assert_eq!(find(&mut files, "sub", false, now).expect_err("a directory"), Status::MovedPermanently);
    assert_eq!(find(&mut files, "sub", true, now).expect_err("its index is a directory"), Status::NotFound);
    assert_eq!(find(&mut files, "index.html", true, now).expect_err("a file"), Status::NotFound);
}

#[test]
fn a_change_shows_within_a_second() {
    let (dir, mut files) = site();
    let now = Instant::now();
    let tag = |files: &mut Files, now| find(files, "index.html", false, now).map(|file| file.choose(None).tag.clone());
    let before = tag(&mut files, now).expect("the file");
    fs::write(dir.path().join("new"), "<h1>other</h1>").expect("file");
    fs::rename(dir.path().join("new"), dir.path().join("site/index.html")).expect("rename");
    assert_eq!(tag(&mut files, now).expect("the file"), before);
    assert_ne!(tag(&mut files, now + CURRENT_FOR).expect("the file"), before);
    fs::remove_file(dir.path().join("site/index.html")).expect("remove");
    assert!(tag(&mut files, now + 2 * CURRENT_FOR).is_err());
}

#[test]
fn a_switched_site_shows_within_a_second() {
    let (dir, mut files) = site();
    let now = Instant::now();
    find(&mut files, "index.html", false, now).expect("the file");
    fs::create_dir(dir.path().join("next")).expect("a folder");
    fs::write(dir.path().join("next/index.html"), "next").expect("a file");
    fs::rename(dir.path().join("site"), dir.path().join("old")).expect("rename");
    let late = now + CURRENT_FOR;
    let between = find(&mut files, "index.html", false, late).expect("the old one while there is none");
    assert_eq!(bytes(between.choose(None)), b"<h1>hello</h1>");
    fs::rename(dir.path().join("next"), dir.path().join("site")).expect("rename");
    let after = find(&mut files, "index.html", false, late + CURRENT_FOR).expect("the new one");
    assert_eq!(bytes(after.choose(None)), b"next");
}

/// Descriptors of this process that are of files in `folder`.
fn open_in(folder: &std::path::Path) -> usize {
    let descriptors = fs::read_dir("/proc/self/fd").expect("descriptors").flatten();
    descriptors.filter(|one| fs::read_link(one.path()).is_ok_and(|path| path.starts_with(folder))).count()
}

#[test]
fn the_cache_keeps_no_more_descriptors_than_it_may() {
    let (dir, mut files) = site();
    for number in 0..200 {
        fs::write(dir.path().join(format!("site/{number}")), vec![0; 10_000]).expect("file");
        find(&mut files, &number.to_string(), false, Instant::now()).expect("the file");
    }
    // Those that wait for their hashes are closed by and by.
    while files.rendering.hashes.computed() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let kept = files.cache.kept.borrow().len();
    assert!((16..=64).contains(&kept), "{kept}");
    files.cache.clear();
    drop(files);
    while open_in(&dir.path().join("site")) > 0 {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

#[test]
fn a_missing_tag_comes_with_its_hash_and_not_with_time() {
    let (_dir, mut files) = site();
    let now = Instant::now();
    let first = find(&mut files, "large.bin", false, now).expect("a large file");
    assert_eq!(first.choose(None).tag, None, "nothing so large is hashed while others wait");
    while files.rendering.hashes.computed() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let tag = find(&mut files, "large.bin", false, now).expect("the same").choose(None).tag.clone();
    assert_eq!(tag.as_deref(), Some(format!("\"{:016x}\"", crate::hashes::of_bytes(&[7; 20_000])).as_str()));
}

#[test]
fn a_time_is_told_as_soon_as_it_has_come() {
    let (dir, mut files) = site();
    let file = fs::File::options().write(true).open(dir.path().join("site/index.html")).expect("the file");
    let time = SystemTime::now() + Duration::from_millis(1500);
    file.set_modified(time).expect("a time");
    let now = Instant::now();
    assert_eq!(find(&mut files, "index.html", false, now).expect("the file").choose(None).modified, None);
    std::thread::sleep(Duration::from_millis(1600));
    let later = find(&mut files, "index.html", false, now + CURRENT_FOR).expect("the file");
    assert!(later.choose(None).modified.is_some());
}

#[test]
fn a_file_that_was_forgotten_is_not_hashed_again() {
    let (_dir, mut files) = site();
    let now = Instant::now();
    find(&mut files, "large.bin", false, now).expect("a large file");
    while files.rendering.hashes.computed() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    files.cache.clear();
    let again = find(&mut files, "large.bin", false, now).expect("the same");
    assert!(again.choose(None).tag.is_some());
    assert_eq!(files.rendering.hashes.computed(), 1);
}
