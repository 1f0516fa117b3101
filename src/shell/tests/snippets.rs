//! Scripts about one thing each.

use super::{agree, ours};
use crate::shell::parse;

/// Each of them by dash and by us.
macro_rules! agree {
    ($($name:ident: $script:expr)*) => { $(
        #[test]
        fn $name() {
            agree($script);
        }
    )* };
}

agree! {
    words_are_split_and_quotes_keep_them_together: r#"
        x='a  b c'; set -- $x "$x" '' "" ${none} "${none}" a"$x"b
        printf '<%s>' "$@"; echo $#; printf '<%s>' "$*" $*; printf '<%s>' pre"$@"post
        IFS=:; x=a::b:; printf '<%s>' $x "$*"; IFS=; printf '<%s>' $x "$*"; unset IFS; printf '<%s>' "$*"
        set --; printf '<%s>' "$@" "x$@"; echo $# "${1-none}""#

    parameters_and_what_takes_their_place: r#"
        unset a; e=''; x=value
        echo "${a-1}${a:-2}${e-3}${e:-4}${x+5}${x:+6}${e+7}${e:+8}${a=9}$a"
        printf '<%s>' ${none:-a b} "${none:-a b}" ${none:-"a b"} "${none:-"a b"}" "${none:-'q'}" "${none:-a\}b}"
        path=/usr/lib/x.tar.gz; echo ${path##*/} ${path%/*} ${path%%.*} ${path#*/} "${path%"gz"}" ${#path} ${#none}
        y='*'; echo "${y#\*}" "${y#*}" "${path#"/usr"}" "${1#o}" "${2% *}"
        echo "${x:?}" ${x?no}"#

    an_unset_parameter_that_must_not_be_ends_the_shell:
        "(echo ${none?}; echo on); echo $?; (set -u; echo $none; echo on); echo $?; set -u; echo ${none-ok} $@"

    substitutions: r#"
        echo $(echo a; echo 'b  c') "$(printf 'x\n\n')"end `echo \`echo deep\`` "`echo "quoted"`" $(echo ")")
        x=$(false); echo $?; x=$(exit 3) y=1; echo $?; echo $(false) $?; echo $(case a in a) echo arm;; esac)"#

    arithmetic: r#"
        x=5; echo $((1+2*3)) $((x*2)) $(( $x - 1 )) $((x=7)) $x $((x+=1)) $((1<<4|1)) $((10%3)) $((-7/2)) $((!0)) $((~0))
        echo $((1?2:3)) $((0||2)) $((1&&0)) $((0x1f)) $((010)) $(((1+2)*3)) $((x>3&&x<9)) $((none+1)) $((5>=5)) $((3^1))
        (echo $((1/0)); echo on); echo $?"#

    errors_end_a_shell_that_looks_for_them: r#"
        (set -e; false; echo on); echo $?; (set -e; false || true; ! true; if false; then :; fi; echo on; false | true; echo still); echo $?
        (set -e; f() { false; echo in; }; f && echo yes; f; echo on); echo $?
        (set -e; x=$(false); echo on); echo $?; (set -e; echo $(false); echo on); echo $?
        (set -e; (false; echo in); echo on); echo $?; (set -e; { false; } ; echo on); echo $?
        (set -e; true && false; echo on); echo $?; (set -e; while false; do :; done; echo on; until true; do :; done; false); echo $?
        (set -e; eval false; echo on); echo $?; (set -e; eval 'false; echo in' || echo or; echo on)"#

    loops: r#"
        for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done; echo $?
        for i in a b; do for j in 1 2; do [ $j = 2 ] && continue 2; [ $i = b ] && break 2; echo $i$j; done; done
        for i; do echo "<$i>"; done; i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i; until [ $i = 0 ]; do i=$((i-1)); done; echo $i
        for i in; do echo never; done; echo $? $i; for x in 1 2; do (break); echo $x; done; break; echo $?"#

    choices: r#"
        for x in a.txt b 'c d' '*' '' 7 '[' ab; do case $x in *.txt|q) echo text;; [0-9]) echo digit;; 'c d') echo blank;; "*") echo star;;
            '') echo nothing;; [[:alpha:]]) echo letter;; \[) echo bracket;; ?b) echo two;; (*) echo else;; esac; done
        x='*'; case abc in $x) echo pattern;; esac; case abc in "$x") echo never;; *) echo text;; esac; case x in y) ;; esac; echo $?"#

    functions: r#"
        f() { echo "$# $1 $0"; local x=in y; echo $x "$y"; x=changed; return 3; echo never; }
        x=out; y=why; f a 'b c'; echo $? $x $#; g() (x=sub; exit 4); g; echo $? $x
        v=1 f z; echo ${v-none}; h() { for i in 1 2; do return 7; done; }; h || echo $?; unset -f h; command -v h || echo gone
        r() { [ $1 = 0 ] || { echo $1; r $(($1-1)); }; }; r 3"#

    redirections: r#"
        echo one >f; echo two >>f; cat <f; cat f 2>/dev/null >g; { echo out; echo err >&2; } >both 2>&1; cat both
        while read -r line; do echo "<$line>"; done <f; exec 3>third; echo to >&3; exec 3>&-; cat third; echo lost 2>/dev/null >&3; echo $?
        : <none; echo $?; cat <none || echo no; (exec <none; echo never); echo $?; >empty; [ -e empty ] && [ ! -s empty ] && echo made
        set -C; echo x >f; echo $?; echo x >|f; cat f; { echo a; (echo b); } | cat"#

    here_documents: "x=value; cat <<E\n$((1+1)) ${1} `echo back` \\$1 \\\\ \"quoted\" 'q' ${x#\"v\"} ${none:-\"w\"} $(cat <<'I'\ninner $x\nI\n)\nE\n\
        cat <<'E' | cat -\nplain $1 `x` \\\nE\n\tcat <<-E; cat <<A; cat <<\"B C\"\n\t\ttabs go\n\tE\nfirst\\\n second\nA\nno $x\nB C\n\
        while read y; do echo \"<$y>\"; done <<E\na b\nc\nE\nf() { cat; } <<E\nof f $1\nE\nf arg"

    reading: r#"
        printf 'a b c\n x  y \nlast' >f; while read one rest; do echo "<$one|$rest>"; done <f; echo "$one"
        printf 'a\\b\\\nc d\n' | { read x; echo "$x"; }; printf 'a\\b\n' | { read -r x; echo "$x"; }
        echo 'a:b::c:' | { IFS=: read a b c d; echo "$a|$b|$c|$d"; }; echo 'a:b:' | { IFS=: read a b; echo "$a|$b"; }
        echo ' : a' | { IFS=': ' read a b; echo "<$a><$b>"; }; read none </dev/null; echo $?; echo x | read y; echo ${y-unset}"#

    tests: r#"
        : >f; echo x >g
        for t in '-e f' '-f f' '-d f' '-s f' '-s g' '-e none' '-n x' '-z x' 'a = a' 'a != b' '1 -lt 2' '2 -le 1' '! a' '! -e none' \
            'a -a b' '-e f -a -e none' '-e none -o -e f' '( a )' '( a = b ) -o c' '! a = b' '= = =' '-n' '! ' '-f' 'a' '010 -eq 10' ; do
            test $t; printf '%s:%s ' "$t" $?; [ $t ]; echo $?; done
        [ "" ]; echo $?; [ ]; echo $?; [ a; echo $?; test -n ""; echo $?; [ x -eq 1 ]; echo $?; [ a b c ]; echo $?"#

    printing: r#"
        echo -n a; echo 'b\tc\\d\nx'; echo -e x; echo 'a\cb' never; echo; echo '\0101\e[0m' '\q'
        printf '%s-%s\n' a b c; printf '%5s|%-5s|%05d|%+d|%x|%X|%o|%c|%%\n' ab cd 42 7 255 255 8 xyz; printf '%.2s|%5.1s|%b\n' abc def 'x\ty'
        printf 'no newline'; printf '\n\101\q\n'; printf '%d %d %d\n' 0x10 010 "'a"; printf '%s\n'; printf '%d\n' abc; echo $?; printf '%*d|\n' 5 3"#

    options_and_arguments: r#"
        set -- -a -b val -c rest; while getopts ab:c o; do echo "$o ${OPTARG-none} $OPTIND"; done; echo $o $OPTIND; shift $((OPTIND-1)); echo "$@"
        OPTIND=1; set -- -xyz -q; while getopts xy o 2>/dev/null; do echo "$o ${OPTARG-none}"; done
        OPTIND=1; set -- -b; getopts :b: o; echo "$o $OPTARG"; set -- a b c; shift 2; echo $1 $#; (shift 5; echo never); echo $?
        set -e -u; set +eu; set -- --; echo $1; set -o noglob; echo *; set +o noglob; umask; umask 077; umask"#

    variables_for_programs_and_for_ever: r#"
        x=1; readonly x; (x=2; echo never); echo $?; (unset x); echo $?; export y=2 z; y=3 true; echo $y; a=1 b=$a; echo $b; : ${c:=set}; echo $c
        w="it's"; readonly w v; readonly -p; readonly; p=q :; echo ${p-none}; p=q true; echo ${p}; unset p; eval "s='a  b'"; echo "$s"; eval 'e() { echo e; }'; e; n=x; eval "$n$n=5"; echo $xx"#

    the_end: r#"
        (trap 'echo bye' EXIT; echo on); (trap 'echo $?' 0; exit 5); echo $?; (trap 'exit 6' EXIT; true); echo $?; trap 'echo x' EXIT; trap - EXIT
        trap 'echo int' INT; (trap 'echo late' EXIT; set -e; false); echo $?; trap 'echo end' EXIT; { exit 3; }"#

    names_of_files: r#"
        : >a.x; : >b.x; : >.h; echo *.x ? * .[!.]* [ab].x '*' "*.x" *.none a.? \*.x ./*.x; x='*.x'; echo $x "$x"; y=*.x; echo "$y"
        for f in *.y; do echo $f; done"#

    files_that_are_read: r#"
        echo 'v=5; echo "in $1"; return 3; echo never' >s; . ./s; echo $? $v; (. ./none; echo never); echo $?; echo 'set -- new' >t; . ./t; echo $1"#

    commands_by_name: r#"
        command -v none; echo $?; command -v echo; cat() { printf 'mine %s\n' "$1"; }; cat a; echo b | command cat; c=printf; $c '%s\n' x
        none 2>/dev/null; printf '%s\n' $?; command -v cat"#

    lines_that_go_on: "echo a\\\nb 'c\\\nd' \"e\\\nf\" &&\n\n echo g | # remark\n cat; i\\\nf true; then echo h; fi; x=a\\\nb; echo $x; echo $\\\nx ${\\\nx}"
}

#[test]
fn what_is_no_script_is_told_with_its_line() {
    for (script, said) in [
        ("echo a\nif true; then", "line 2: the script ends too early"),
        ("echo 'open", "line 1: this `'` is not closed"),
        ("\n\n)", "line 3: `)` is not expected here"),
        ("for 1 in a; do :; done", "line 1: the variable of `for` is no name"),
        ("echo \"${a", "line 1: the `}` that belongs here is missing"),
        ("while true; done", "line 1: `done` is not expected here; `do` is"),
        ("case a in b) echo", "line 1: the script ends too early; `esac` is"),
        ("if then fi", "line 1: `then` is not expected here"),
        ("a && && b", "line 1: `&&` is not expected here"),
        ("x=$(echo", "line 1: the `)` of `$(` is missing"),
        ("( )", "line 1: `)` is not expected here"),
    ] {
        let error = parse(script.as_bytes()).expect_err(script);
        assert_eq!(error.to_string(), said, "{script}");
    }
    let deep = "(".repeat(100_000);
    let said = parse(deep.as_bytes()).expect_err("too deep").to_string();
    assert_eq!(said, "line 1: more than 100 commands and words inside of each other");
}

#[test]
fn a_script_has_limits() {
    for (script, said) in [
        ("while :; do :; done", "line 1: the script goes on after 200000 steps"),
        ("f() { f; }\nf", "line 1: more than 64 functions and shells inside of each other"),
        (
            "x=aaaaaaaa; for i in 1 2 3 4 5 6 7 8; do x=$x$x$x$x$x$x$x$x; done",
            "line 1: the script goes on after 200000 steps",
        ),
        ("while :; do echo a; done | cat", "line 1: the script goes on after 200000 steps"),
        ("x=x\nalias a=b", "line 2: `alias` changes how the rest of the script is read"),
        ("true &", "line 1: `&` starts a command beside the script, which nobody waits for here"),
        ("eval '(((' || :", ""),
    ] {
        match ours(script) {
            Err(stop) => assert_eq!(stop.to_string(), said, "{script}"),
            Ok(_) => assert_eq!(said, "", "{script}"),
        }
    }
}
