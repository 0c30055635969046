-- The database of Tieback's store and its login; run again, it changes nothing.
IF DB_ID(N'tieback') IS NULL CREATE DATABASE tieback;
GO
-- Readers do not wait for writers. Only once: it ends what others have open.
IF (SELECT is_read_committed_snapshot_on FROM sys.databases WHERE name = N'tieback') = 0
  ALTER DATABASE tieback SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE;
GO
IF SUSER_ID(N'tieback') IS NULL CREATE LOGIN tieback WITH PASSWORD = N'$(password)', CHECK_POLICY = ON, DEFAULT_DATABASE = tieback;
GO
USE tieback;
GO
IF USER_ID(N'tieback') IS NULL CREATE USER tieback FOR LOGIN tieback;
GO
-- It makes and changes its own tables; nothing else is in this database.
ALTER ROLE db_ddladmin ADD MEMBER tieback;
ALTER ROLE db_datareader ADD MEMBER tieback;
ALTER ROLE db_datawriter ADD MEMBER tieback;
GO
