//! The real programs as the judge of the file tools.

use crate::commands::judge::{disagreements, is_root};

/// Scripts whose owners do not matter, or which need root to be judged.
#[test]
fn files_end_up_as_the_real_programs_leave_them() {
    let everybody = [
        "mkdir a; mkdir -p b/c/d; mkdir a; echo $?; mkdir -m 2750 e; mkdir -p -m 700 f/g; mkdir -p b; mkdir -p x/../y",
        "umask 077; mkdir a; mkdir -p b/c; : >d; mkdir -m a+rx e; mkdir -m u=rwx,g=rx,o= f; umask 002; mkdir g",
        "mkdir -m 2775 s; mkdir s/t; : >s/f; mkdir -p s/u/v; cp s/f s/g; mkdir -m 750 s/w; install -d s/x; chmod 755 s; chmod 00755 s/t",
        ": >f; chmod 4755 f; chmod u+s,g-x f; chmod +t f; chmod a=rX f; mkdir d; chmod -R u=rwX,go=rX d; chmod go-w f d; chmod o+w,g=u f",
        ": >f; : >g; chmod 640 f; chmod --reference=f g; chmod -x f; chmod -- -w f; chmod g+w-r f; chmod =r g; chmod u+x g; chmod +X g; chmod o=g g",
        "mkdir d d/e; : >d/f; ln -s f d/l; chmod -R 700 d; chmod 0 nothing; echo $?; chmod 9 d; echo $?; chmod u+q d; echo $?",
        "echo 1 >a; ln a b; ln -s a c; ln -s a c; echo $?; ln -sf b c; mkdir d; ln -s ../a d; ln -s x d; ln -sfn y z; ln -sfn w z; ls -1 d",
        "mkdir d e; ln -s d l; ln -s f l; ln -sfT f l; ln -sf d l; ln -sfn e l; readlink l; ln -sr d/x e/y; readlink e/y; ln -s a b c; echo $?",
        "echo 1 >a; ln a b; echo 2 >b; cat a; rm a; cat a b; echo $?; rm nothing; echo $?; rm -f nothing; mkdir d; rm d; echo $?; rm -r d; rm -f",
        "mkdir -p a/b/c; rmdir a; echo $?; rmdir --ignore-fail-on-non-empty a; echo $?; rmdir -p a/b/c; : >f; rmdir f; echo $?; rmdir none; echo $?",
        "echo 1 >a; cp a b; cp a c; cp -a a d; chmod 640 a; cp a e; cp -p a f; cp a b; umask 077; cp a g; cp none h; echo $?; cp a a; echo $?",
        "mkdir d; echo 1 >d/a; ln d/a d/b; ln -s a d/l; ln -s none d/m; cp d e; echo $?; cp -r d e; cp -a d f; cp -a d f; cp -r d/l g; cp d/l h; cp -d d/l i",
        "mkdir -p d/s; echo 1 >d/s/x; cp -r d/. e; mkdir t; cp -r d/s t; cp -r d/s t/other; cp -T d/s/x y; cp -t t d/s/x; cp d/s/x d/s/x t; ls t",
        "echo 1 >a; ln -s b l; cp a l; echo $?; ln -s a m; echo 2 >n; cp n m; cat a; cp --remove-destination n m; cp -n a n; cat n; cp -f a n; cat n",
        "echo 1 >a; mv a b; mkdir d; mv b d; mv d/b d/c; mv d e; mkdir f; mv e f; mv none x; echo $?; echo 2 >g; mv -n g f/e/c; echo 3 >h; mv h g; cat g",
        "mkdir a b b/a; : >b/a/x; mv a b; echo $?; mkdir c; : >c/y; mkdir z; mv c z; mv -T z/c n; ln -s n l; mv l k; : >o; mv o k; mv n/o .; ls; mv o o; echo $?",
        "echo 1 >s; install s t; install -m 640 s u; install -D s p/q/r; install -d -m 2750 v w/x; install -m u=rw,go=r s y; mkdir d; install s d; install -t d -m 600 t",
        "touch a b; touch -c c; mkdir d; touch d; echo 1 >e; touch e; cat e; touch none/x; echo $?; touch -r a b; umask 027; touch f",
        "mkfifo -m 600 p; mkfifo q; test -p p; echo $?; mkfifo p; echo $?",
        "mkdir d; : >d/a; : >d/.h; : >b; ls; ls d; ls -A d; ls -a d; ls -d d; ls b d; ls none; echo $?; ls -1r; ls -d d/*; ln -s d l; ls l; ls -d l; ls .",
        "mkdir -p a/b; : >a/f; ln -s b a/l; ln -s none a/x; readlink a/l; readlink a/f; echo $?; readlink -f a/l/.. >/dev/null; readlink -e a/x; echo $?; readlink -n a/x; cd a; readlink -m x/y/../z >/dev/null; readlink -m /x/y/../z; realpath -m /none/../x/; realpath -s /usr/../bin/.; realpath /none/x; echo $?; readlink -f /none; realpath -e /none; echo $?",
        "echo 12345 >a; stat -c '%a %s %n %F' a; mkdir -m 3711 d; stat -c %a d; ln -s a l; stat -c %F l; stat -L -c %F l; stat -c '%a%%' none; echo $?; : >e; stat -c %F e",
        "echo 1 | cat; cat <a; echo 2 >a; echo 3 | cat a - a; cat a none a; echo $?; cat a >b; cat b",
        "a=$(mktemp -p .); test -f $a; echo $?; stat -c %a $a; rm $a; d=$(mktemp -d ./x.XXXXXX); test -d $d; echo $?; stat -c %a $d; rmdir $d; mktemp ./yXX; echo $?",
        "env -i A=b sh -c 'echo $A'; A=1 env -u A sh -c 'echo ${A-none}'; sh -c 'echo $0 $1' x y; echo 'echo in $1' >s; sh s z; sh -e -c 'false; echo no'; echo $?; env none; echo $?",
        "mkdir -p d/e/f; : >d/a; : >d/e/b.x; ln -s a d/l; find d; find d -type f; find d -name '*.x'; find d -maxdepth 1 -type d; find d -mindepth 2",
        "mkdir -p d/e/f; : >d/a; echo 1 >d/e/b; find d -empty; find d -type f -exec chmod 600 {} \\;; find d -type d -exec chmod 711 {} +; find d ! -type d -print; find d -type f -delete; find d -depth -type d -empty",
        "mkdir -p d/e d/g; : >d/e/x; : >d/g/x; find d -path d/e -prune -o -name x -print; find d -name e -prune -o -type f -print; find d \\( -name e -o -name g \\) -type d; find none; echo $?; find d -perm 755; find d -perm -600 -type f; find d -perm /111",
        "mkdir d; echo 123 >d/a; : >d/b; find d -size 0 ; find d -size +3c -type f; find d -type f -printf '%f %s %m\\n'; find d -name a -printf '%P\\0'; find d -type f -name a -exec cat {} \\; -quit; find d/a d/b -type f; find d -delete; ls",
        "ln -s none l; find . -type l; find -L . -type l; test -e l; echo $?; find . -lname 'no*'; mkdir d; : >d/x; ln -s d k; find k; find k/; find -L k; find k -follow; unlink l; unlink d; echo $?",
    ];
    let root = [
        "for f in a b; do echo $f >$f; done; chown daemon a; chown daemon:bin b; chown :mail a; chown 12:34 b; chown root: b; chgrp adm a; stat -c '%U %G %u' a b; chown nobody-at-all a; echo $?",
        ": >f; chmod 6755 f; chown daemon f; : >g; chmod 2644 g; chown daemon g; mkdir d; chmod 6755 d; chown daemon d; : >h; chmod 4711 h; chgrp daemon h; chown root h",
        "mkdir -p d/e; : >d/f; ln -s f d/l; chown -R daemon:daemon d; : >x; ln -s x y; chown daemon y; chown -h bin y; chown --reference=x d; chown -R bin d/e; chgrp -R mail d",
        "mkdir -m 2775 s; chgrp mail s; mkdir s/a; : >s/b; cp s/b s/c; cp -a s/b s/d; mkdir -p s/e/f; ln -s b s/g; install -d s/h; install s/b s/i; cp -a s t; cp -r s u; mktemp -d s/xXXX >/dev/null; mv s/x* s/x; : >o; mv o s",
        "echo 1 >s; install -o daemon -g mail -m 4711 s t; install -d -o daemon -g mail -m 2770 d; install -d d/e; cp -a t u; cp t v; cp --preserve=mode t w; cp -p t x; chown daemon s; cp s y; echo 2 >z; cp -p s z",
        ": >f; chown daemon:mail f; find . -user daemon; find . -group mail; find . -nouser; chown 54321 f; find . -nouser; find . -user root; find . -uid 54321",
    ];
    let scripts = everybody.iter().chain(if is_root() { root.as_slice() } else { &[] });
    if !is_root() {
        println!("passed over: owners of files, as these tests do not run as root");
    }
    let wrong = disagreements(&scripts.copied().collect::<Vec<_>>());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
