# What /usr/share/debconf/confmodule gives a script: each verb asks, and has the answer in RET.

if [ -z "${DEBCONF_REDIR:-}" ]; then
	exec 3>&1 1>&2
	DEBCONF_REDIR=1
	DEBIAN_HAS_FRONTEND=1
	export DEBCONF_REDIR DEBIAN_HAS_FRONTEND
fi

_db_cmd () {
	RET=$(/usr/share/debconf/frontend "$@" </dev/null)
}

db_capb ()	{ _db_cmd "CAPB $*"; }
db_set ()	{ _db_cmd "SET $*"; }
db_reset ()	{ _db_cmd "RESET $*"; }
db_title ()	{ _db_cmd "TITLE $*"; }
db_input ()	{ _db_cmd "INPUT $*"; }
db_beginblock () { _db_cmd "BEGINBLOCK $*"; }
db_endblock () 	{ _db_cmd "ENDBLOCK $*"; }
db_go ()	{ _db_cmd "GO $*"; }
db_get ()	{ _db_cmd "GET $*"; }
db_register ()	{ _db_cmd "REGISTER $*"; }
db_unregister () { _db_cmd "UNREGISTER $*"; }
db_subst ()	{ _db_cmd "SUBST $*"; }
db_fset ()	{ _db_cmd "FSET $*"; }
db_fget ()	{ _db_cmd "FGET $*"; }
db_purge ()	{ _db_cmd "PURGE $*"; }
db_metaget ()	{ _db_cmd "METAGET $*"; }
db_version ()	{ _db_cmd "VERSION $*"; }
db_clear ()	{ _db_cmd "CLEAR $*"; }
db_settitle ()	{ _db_cmd "SETTITLE $*"; }
db_previous_module () { _db_cmd "PREVIOUS_MODULE $*"; }
db_info ()	{ _db_cmd "INFO $*"; }
db_progress ()	{ _db_cmd "PROGRESS $*"; }
db_data ()	{ _db_cmd "DATA $*"; }
db_x_loadtemplatefile ()	{ _db_cmd "X_LOADTEMPLATEFILE $*"; }
db_text ()	{ _db_cmd "INPUT $*"; }
db_stop ()	{ :; }
