SELECT "id" FROM [plan] WITH (UPDLOCK, ROWLOCK) ORDER BY "id" OFFSET 0 ROWS FETCH NEXT @take ROWS ONLY
UPDATE [connection] SET audit_seq = audit_seq + 1 OUTPUT inserted.audit_seq, inserted.audit_hash WHERE id = @0
SELECT value FROM OPENJSON(@list)
INSERT INTO t (a, b) SELECT a, b FROM OPENJSON(@rows) WITH (a nvarchar(60) '$.a', b nvarchar(max) '$.b')
DECLARE @got int; EXEC @got = sp_getapplock @Resource = @name, @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = 5000; IF @got < 0 RAISERROR('taken', 16, 1)
IF @@ROWCOUNT <> 1 THROW 51000, 'another number of rows', 1;
CREATE UNIQUE INDEX ux ON t (a) WHERE state = 'linked' AND a IS NOT NULL
SELECT c.SYS_CHANGE_VERSION FROM CHANGETABLE(CHANGES dbo.t, @since) AS c
MERGE INTO t AS x USING s ON x.a = s.a WHEN MATCHED THEN UPDATE SET b = s.b WHEN NOT MATCHED THEN INSERT (a, b) VALUES (s.a, s.b);
CREATE TRIGGER r ON t AFTER INSERT AS IF EXISTS (SELECT 1 FROM inserted WHERE a IS NULL) BEGIN RAISERROR('no', 16, 1); ROLLBACK TRANSACTION; END
