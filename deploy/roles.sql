-- Two roles for PostgreSQL: register_owner changes the schema (migrate, restore), register serves and runs everything
-- else. Run it as a superuser in the register's own database: before the first migrate or restore, and again after it.
-- Whatever register owns there, and the database itself, passes to register_owner. docs/operating.md has the commands,
-- under "Two database roles".
--   psql --single-transaction --set ON_ERROR_STOP=1 --file deploy/roles.sql register

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'register_owner') THEN
        CREATE ROLE register_owner LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'register') THEN
        CREATE ROLE register LOGIN;
    END IF;
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = 'register') THEN
        RAISE EXCEPTION 'register is a superuser, whom no right can be denied'
            USING HINT = 'Make another role the superuser of this server.';
    END IF;
    IF pg_has_role('register', 'register_owner', 'MEMBER') THEN
        RAISE EXCEPTION 'register is a member of register_owner and may do all that it may'
            USING HINT = 'REVOKE register_owner FROM register';
    END IF;
END $$;

-- The owner of a database owns its schema "public" too, and with it every right on the tables there. REASSIGN moves
-- other databases of the same server as well: they are given back.
DO $$
DECLARE
    others name[] := ARRAY(
        SELECT datname FROM pg_database
        WHERE datdba = 'register'::regrole AND datname <> current_database()
    );
    other name;
BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO register_owner', current_database());
    REASSIGN OWNED BY register TO register_owner;
    FOREACH other IN ARRAY others LOOP
        EXECUTE format('ALTER DATABASE %I OWNER TO register', other);
    END LOOP;
END $$;

-- Before version 15 everybody could create tables here.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO register_owner;
GRANT USAGE ON SCHEMA public TO register;

-- An owner that took something away from itself has it taken away for good.
GRANT ALL ON ALL TABLES IN SCHEMA public TO register_owner;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO register_owner;

-- What is there already, and what register_owner will create
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO register;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO register;
ALTER DEFAULT PRIVILEGES FOR ROLE register_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO register;
ALTER DEFAULT PRIVILEGES FOR ROLE register_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO register;

-- Once these exist, only migrate writes to them.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['django_migrations', 'django_content_type', 'auth_permission'] LOOP
        IF to_regclass(name) IS NOT NULL THEN
            EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON %I FROM register', name);
        END IF;
    END LOOP;
END $$;
