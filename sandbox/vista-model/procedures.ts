import { LAST_CLOSED } from './tables';

/**
 * `bspHQBCInsert` opens a batch and puts it in use by the caller. The number of the batch is its return code; 0 says that there is none, and
 * the message says why.
 */
export const TSQL_PROCEDURES: readonly string[] = [
  `CREATE PROCEDURE bspHQBCInsert (@co tinyint = null, @month smalldatetime = null, @source varchar(10) = null, @batchtable varchar(20) = null,
  @restrict char(1) = null, @adjust char(1) = null, @prgroup tinyint = null, @prenddate smalldatetime = null, @errmsg varchar(255) OUTPUT)
AS
BEGIN
SET NOCOUNT ON;
DECLARE @batchid int, @closed smalldatetime, @last smalldatetime;
SELECT @closed = CASE SUBSTRING(@source, 1, 2) WHEN 'AP' THEN LastMthAPClsd WHEN 'AR' THEN LastMthARClsd ELSE LastMthSubClsd END, @last = DATEADD(month, MaxOpen, CAST(LastMthSubClsd AS smalldatetime))
  FROM bGLCO WHERE GLCo = @co;
IF @closed IS NULL BEGIN SET @errmsg = CONCAT('GL company ', @co, ' is not set up!'); RETURN 0; END
IF @month <= @closed BEGIN SET @errmsg = 'The month is closed for this source!'; RETURN 0; END
IF @month > @last BEGIN SET @errmsg = 'The month is beyond the last open month!'; RETURN 0; END
SELECT @batchid = COALESCE(MAX(BatchId), 0) + 1 FROM bHQBC WHERE Co = @co AND Mth = @month;
INSERT INTO bHQBC (Co, Mth, BatchId, Source, TableName, InUseBy, DateCreated, CreatedBy, Status, Rstrict, Adjust, PRGroup, PREndDate)
VALUES (@co, @month, @batchid, @source, @batchtable, SUSER_SNAME(), GETDATE(), SUSER_SNAME(), 0, COALESCE(@restrict, 'N'), COALESCE(@adjust, 'N'), @prgroup, @prenddate);
RETURN @batchid;
END`,
];

/**
 * SQLite knows no procedures: a row for the view is the call, and the last row of `bspHQBCInsert_result` its answer. Nor does it know who is
 * there: `username` says so.
 */
export const SQLITE_PROCEDURES: readonly string[] = [
  'CREATE TABLE bspHQBCInsert_result (call INTEGER PRIMARY KEY AUTOINCREMENT, batchid INTEGER NOT NULL, errmsg TEXT)',
  `CREATE VIEW bspHQBCInsert AS SELECT NULL AS co, NULL AS month, NULL AS source, NULL AS batchtable, NULL AS restrict, NULL AS adjust,
  NULL AS prgroup, NULL AS prenddate, NULL AS username`,
  `CREATE TRIGGER bspHQBCInsert_call INSTEAD OF INSERT ON bspHQBCInsert BEGIN
  INSERT INTO bspHQBCInsert_result (batchid, errmsg)
  SELECT CASE WHEN why IS NULL THEN (SELECT coalesce(max(BatchId), 0) + 1 FROM HQBC WHERE Co = NEW.co AND Mth = NEW.month) ELSE 0 END, why
    FROM (SELECT CASE
      WHEN NOT EXISTS (SELECT 1 FROM GLCO WHERE GLCo = NEW.co) THEN 'GL company ' || NEW.co || ' is not set up!'
      WHEN NEW.month <= (SELECT ${LAST_CLOSED} FROM GLCO g, (SELECT NEW.source AS Source) b WHERE g.GLCo = NEW.co) THEN 'The month is closed for this source!'
      WHEN NEW.month > (SELECT date(LastMthSubClsd, '+' || MaxOpen || ' months') FROM GLCO WHERE GLCo = NEW.co) THEN 'The month is beyond the last open month!'
      END AS why);
  INSERT INTO HQBC (Co, Mth, BatchId, Source, TableName, InUseBy, DateCreated, CreatedBy, Status, Rstrict, Adjust, PRGroup, PREndDate)
  SELECT NEW.co, NEW.month, batchid, NEW.source, NEW.batchtable, NEW.username, date('now'), NEW.username, 0, coalesce(NEW.restrict, 'N'), coalesce(NEW.adjust, 'N'),
         NEW.prgroup, NEW.prenddate
    FROM bspHQBCInsert_result WHERE batchid > 0 AND call = (SELECT max(call) FROM bspHQBCInsert_result);
END`,
];
