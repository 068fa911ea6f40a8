# Runs commands by hand as the service runs them: with its settings, as its user, in the release whose folder you are in.
#
#     cd /srv/register/app && . deploy/manage.sh
#     manage verify
#
# RUN_AS=root manage … runs as another user; MORE=/etc/mou-tracker/owner manage … replaces settings by those of that file.

as_register() (
    set -a
    for settings in /etc/mou-tracker/environment ${MORE:+"$MORE"}; do
        [ -r "$settings" ] || { echo "manage: cannot read $settings" >&2; exit 1; }
        . "$settings" || exit
    done
    set +a
    # What the service writes, others must not read; what root writes, such as static files, the service must.
    [ -n "${RUN_AS:-}" ] || umask 077
    exec setpriv --reuid="${RUN_AS:-register}" --regid="${RUN_AS:-register}" --init-groups "$@"
)

manage() {
    as_register .venv/bin/python manage.py "$@"
}

# For two database roles: make_roles DATABASE
make_roles() {
    setpriv --reuid=postgres --regid=postgres --init-groups \
        psql --no-psqlrc --quiet --single-transaction --set ON_ERROR_STOP=1 "$1" < deploy/roles.sql
}
