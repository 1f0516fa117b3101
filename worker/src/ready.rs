//! Answers kept ready: the head of a whole file, followed by the file where it is in memory.
//!
//! Only the date among the fields of such an answer changes, once a second. So an answer that is asked for often is
//! rendered once a second; the other times it lies in memory already, and nobody but the kernel copies it.

use std::cell::RefCell;
use std::rc::Rc;

use crate::response::{Common, Then};

/// The last answer with all of a file.
#[derive(Debug, Default)]
pub struct Ready(RefCell<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    second: u64,
    then: Then,
    text: Rc<Vec<u8>>,
}

impl Ready {
    /// The answer as of this second, made by `render` where none is there yet.
    pub fn get(&self, common: &Common, then: Then, render: impl FnOnce() -> Vec<u8>) -> Rc<Vec<u8>> {
        let mut kept = self.0.borrow_mut();
        if let Some(kept) = kept.as_ref().filter(|kept| kept.second == common.second() && kept.then == then) {
            return Rc::clone(&kept.text);
        }
        let text = Rc::new(render());
        *kept = Some(Kept { second: common.second(), then, text: Rc::clone(&text) });
        text
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    fn at(seconds: u64) -> Common {
        let mut common = Common::new("node3");
        common.tick(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        common
    }

    #[test]
    fn an_answer_is_rendered_once_a_second() {
        let ready = Ready::default();
        let never = || -> Vec<u8> { panic!("it is there already") };
        let first = ready.get(&at(7), Then::Keep, || b"first".to_vec());
        assert!(Rc::ptr_eq(&first, &ready.get(&at(7), Then::Keep, never)));
        assert_eq!(*ready.get(&at(8), Then::Keep, || b"later".to_vec()), b"later");
        assert_eq!(*ready.get(&at(8), Then::Close, || b"closing".to_vec()), b"closing");
    }
}
