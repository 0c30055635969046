-- Brickyard, a made-up ERP of a small builder. Its forms write these tables; the triggers keep its change counter.
CREATE TABLE company (id INTEGER PRIMARY KEY, title VARCHAR(40) NOT NULL);
CREATE TABLE change_counter (value INTEGER NOT NULL);
CREATE TABLE numbers (
  company_id INTEGER PRIMARY KEY, next_supplier INTEGER NOT NULL, first_supplier INTEGER NOT NULL, last_supplier INTEGER NOT NULL
);
CREATE TABLE supplier (
  supplier_no INTEGER PRIMARY KEY CHECK (supplier_no BETWEEN 1000 AND 99999), company_id INTEGER NOT NULL,
  trade_name VARCHAR(60) NOT NULL, alias VARCHAR(20), mail VARCHAR(80), tel VARCHAR(30), held_back DECIMAL(5, 2),
  standing VARCHAR(4) NOT NULL DEFAULT 'OPEN', pay_terms VARCHAR(5), bank_account VARCHAR(34), changed INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX one_alias ON supplier (company_id, upper(alias)) WHERE alias IS NOT NULL;
CREATE TABLE cost_kind (
  id INTEGER PRIMARY KEY, company_id INTEGER NOT NULL, code VARCHAR(4) NOT NULL, title VARCHAR(40), standing VARCHAR(4) NOT NULL DEFAULT 'OPEN',
  changed INTEGER NOT NULL DEFAULT 0, UNIQUE (company_id, code)
);
CREATE TABLE job (
  id INTEGER PRIMARY KEY, company_id INTEGER NOT NULL, job_no VARCHAR(10) NOT NULL, title VARCHAR(60), city VARCHAR(40),
  standing VARCHAR(4) NOT NULL DEFAULT 'OPEN', changed INTEGER NOT NULL DEFAULT 0, UNIQUE (company_id, job_no)
);
CREATE TABLE job_phase (
  id INTEGER PRIMARY KEY, job_id INTEGER NOT NULL REFERENCES job, phase VARCHAR(6) NOT NULL, title VARCHAR(40),
  standing VARCHAR(4) NOT NULL DEFAULT 'OPEN', UNIQUE (job_id, phase)
);
CREATE TABLE sub_order (
  id INTEGER PRIMARY KEY, company_id INTEGER NOT NULL, order_kind VARCHAR(1) NOT NULL, order_no VARCHAR(12) NOT NULL, title VARCHAR(60),
  job_no VARCHAR(10) NOT NULL, supplier_no INTEGER NOT NULL REFERENCES supplier, order_date VARCHAR(10), amount DECIMAL(14, 2),
  stage VARCHAR(1) NOT NULL DEFAULT 'N', entered_by VARCHAR(20), changed INTEGER NOT NULL DEFAULT 0, UNIQUE (company_id, order_no)
);
CREATE TABLE sub_order_line (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES sub_order, line_no VARCHAR(6) NOT NULL, descr VARCHAR(80),
  phase_id INTEGER NOT NULL REFERENCES job_phase, kind_id INTEGER NOT NULL REFERENCES cost_kind, qty DECIMAL(14, 4), unit VARCHAR(6),
  unit_cost DECIMAL(14, 5), amount DECIMAL(14, 2), UNIQUE (order_id, line_no)
);
-- New orders are made here: on SQL Server this would be a procedure.
CREATE VIEW new_order AS
  SELECT company_id AS company, order_kind AS kind, order_no AS no, title, job_no AS job, supplier_no AS supplier, order_date AS dated, amount
    FROM sub_order;
CREATE TRIGGER new_order_made INSTEAD OF INSERT ON new_order
BEGIN
  INSERT INTO sub_order (company_id, order_kind, order_no, title, job_no, supplier_no, order_date, amount, entered_by)
  VALUES (new.company, new.kind, new.no, new.title, new.job, new.supplier, new.dated, new.amount, 'interface');
END;
CREATE TRIGGER supplier_insert AFTER INSERT ON supplier
BEGIN
  UPDATE change_counter SET value = value + 1;
  UPDATE supplier SET changed = (SELECT value FROM change_counter) WHERE supplier_no = new.supplier_no;
END;
CREATE TRIGGER supplier_update AFTER UPDATE ON supplier WHEN new.changed IS old.changed
BEGIN
  UPDATE change_counter SET value = value + 1;
  UPDATE supplier SET changed = (SELECT value FROM change_counter) WHERE supplier_no = new.supplier_no;
END;
CREATE TRIGGER cost_kind_insert AFTER INSERT ON cost_kind
BEGIN
  UPDATE change_counter SET value = value + 1;
  UPDATE cost_kind SET changed = (SELECT value FROM change_counter) WHERE id = new.id;
END;
CREATE TRIGGER cost_kind_update AFTER UPDATE ON cost_kind WHEN new.changed IS old.changed
BEGIN
  UPDATE change_counter SET value = value + 1;
  UPDATE cost_kind SET changed = (SELECT value FROM change_counter) WHERE id = new.id;
END;
CREATE TRIGGER job_insert AFTER INSERT ON job
BEGIN
  UPDATE change_counter SET value = value + 1;
  UPDATE job SET changed = (SELECT value FROM change_counter) WHERE id = new.id;
END;
CREATE TRIGGER job_update AFTER UPDATE ON job WHEN new.changed IS old.changed
BEGIN
  UPDATE change_counter SET value = value + 1;
  UPDATE job SET changed = (SELECT value FROM change_counter) WHERE id = new.id;
END;
CREATE TRIGGER sub_order_insert AFTER INSERT ON sub_order
BEGIN
  UPDATE change_counter SET value = value + 1;
  UPDATE sub_order SET changed = (SELECT value FROM change_counter) WHERE id = new.id;
END;
CREATE TRIGGER sub_order_update AFTER UPDATE ON sub_order WHEN new.changed IS old.changed
BEGIN
  UPDATE change_counter SET value = value + 1;
  UPDATE sub_order SET changed = (SELECT value FROM change_counter) WHERE id = new.id;
END;
CREATE TRIGGER job_phase_insert AFTER INSERT ON job_phase
BEGIN
  UPDATE change_counter SET value = value + 1;
  UPDATE job SET changed = (SELECT value FROM change_counter) WHERE id = new.job_id;
END;
CREATE TRIGGER job_phase_update AFTER UPDATE ON job_phase
BEGIN
  UPDATE change_counter SET value = value + 1;
  UPDATE job SET changed = (SELECT value FROM change_counter) WHERE id = new.job_id;
END;
CREATE TRIGGER sub_order_line_insert AFTER INSERT ON sub_order_line
BEGIN
  UPDATE change_counter SET value = value + 1;
  UPDATE sub_order SET changed = (SELECT value FROM change_counter) WHERE id = new.order_id;
END;
CREATE TRIGGER sub_order_line_update AFTER UPDATE ON sub_order_line
BEGIN
  UPDATE change_counter SET value = value + 1;
  UPDATE sub_order SET changed = (SELECT value FROM change_counter) WHERE id = new.order_id;
END;
