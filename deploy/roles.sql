-- Two roles for PostgreSQL: register_owner changes the schema (migrate, restore), register serves and runs everything
-- else. Run it as a superuser in the register's own database, and again once register_owner owns the tables: after the
-- first migrate, or after REASSIGN OWNED BY … TO register_owner. docs/operating.md has the commands, under "Two database
-- roles".
--   psql --single-transaction --file deploy/roles.sql register

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'register_owner') THEN
        CREATE ROLE register_owner LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'register') THEN
        CREATE ROLE register LOGIN;
    END IF;
END $$;

-- Before version 15 everybody could create tables here.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO register_owner;
GRANT USAGE ON SCHEMA public TO register;

-- Also what register has owned until now: an owner that took something away from itself has it taken away for good.
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
