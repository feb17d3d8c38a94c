-- A role that reads what forge-pat needs of a FlowFuse, column by column, and nothing else: no password, no
-- session's id, no token, no platform setting. Run it in FlowFuse's database as the owner of its tables, with a password of your own:
--   psql --set=password='…' --dbname=flowfuse --file=flowfuse-role.sql
-- Columns that only newer versions of FlowFuse have are granted where they are: after an upgrade, run it again (that the
-- role exists already is no harm).

CREATE ROLE forge_pat LOGIN PASSWORD :'password';
ALTER ROLE forge_pat SET default_transaction_read_only = on;
ALTER ROLE forge_pat SET statement_timeout = '5s';

GRANT SELECT ("id", "username", "name", "email", "avatar", "admin", "suspended", "sso_enabled", "createdAt") ON "Users" TO forge_pat;
GRANT SELECT ("role", "UserId", "TeamId") ON "TeamMembers" TO forge_pat;
GRANT SELECT ("id", "name", "slug", "createdAt") ON "Teams" TO forge_pat;
GRANT SELECT ("id", "name", "TeamId", "createdAt") ON "Applications" TO forge_pat;
GRANT SELECT ("id", "name", "url", "ApplicationId", "TeamId", "createdAt") ON "Projects" TO forge_pat;

-- When somebody last signed in: the entry of it, or, with a second factor, of which there is no entry, the session.
GRANT SELECT ("id", "event", "body", "UserId", "createdAt") ON "AuditLogs" TO forge_pat;
GRANT SELECT ("UserId", "mfa_verified", "createdAt") ON "Sessions" TO forge_pat;

DO $$
BEGIN
  IF EXISTS (SELECT FROM information_schema.columns WHERE table_name = 'TeamMembers' AND column_name = 'permissions') THEN
    GRANT SELECT ("permissions") ON "TeamMembers" TO forge_pat;
  END IF;
  IF EXISTS (SELECT FROM information_schema.columns WHERE table_name = 'Teams' AND column_name = 'suspended') THEN
    GRANT SELECT ("suspended") ON "Teams" TO forge_pat;
  END IF;
END
$$;

-- What forge-pat wants as FLOWFUSE_INSTANCE_ID; the role may not read it, because the cookie secret stands beside it.
SELECT value AS "FLOWFUSE_INSTANCE_ID" FROM "PlatformSettings" WHERE key = 'instanceId';
