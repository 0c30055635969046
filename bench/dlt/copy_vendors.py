"""The same one-way copy as ../plain-copy.ts, with dlt: the ERP's table by pages, to Procore by a custom destination.

Environment: ERP_FILE the ERP's database, PROCORE_URL Procore's address, WORK_FOLDER where dlt keeps its packages.
Prints {"cpuSeconds": ..., "peakMb": ...} at its end.
"""

import json
import os
import re
import resource
import sqlite3

import dlt
import requests

COMPANY = 4264807
PAGE = 1000
URL = os.environ["PROCORE_URL"]


@dlt.resource(name="vendors", write_disposition="append")
def vendors():
    db = sqlite3.connect(f"file:{os.environ['ERP_FILE']}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    last = 0
    while True:
        rows = db.execute(
            """SELECT Vendor, SortName, Name, Address, City, State, Zip, Country, Phone, Fax, EMail, Status
                 FROM APVM WHERE VendorGroup = 1 AND Vendor > ? ORDER BY Vendor LIMIT ?""",
            (last, PAGE),
        ).fetchall()
        if not rows:
            return
        yield [to_procore(row) for row in rows]
        last = rows[-1]["Vendor"]


def to_procore(row):
    return {
        "origin_id": f"1|{row['Vendor']}",
        "origin_code": str(row["Vendor"]),
        "name": row["Name"],
        "abbreviated_name": row["SortName"],
        "address": row["Address"],
        "city": row["City"],
        "state_code": row["State"],
        "zip": row["Zip"],
        "country_code": row["Country"],
        "business_phone": row["Phone"],
        "fax_number": row["Fax"],
        "email_address": row["EMail"],
        "is_active": row["Status"] == "A",
    }


def logged_in():
    session = requests.Session()
    login = {"grant_type": "client_credentials", "client_id": "tieback-demo", "client_secret": "demo-secret"}
    answer = session.post(f"{URL}/oauth/token", json=login)
    answer.raise_for_status()
    session.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
    session.headers["procore-company-id"] = str(COMPANY)
    return session


SESSION = logged_in()


@dlt.destination(batch_size=PAGE, loader_file_format="typed-jsonl", name="procore", naming_convention="direct")
def procore(items, table):
    if table["name"].startswith("_dlt"):
        return
    body = {"company_id": COMPANY, "updates": items}
    answer = SESSION.patch(f"{URL}/rest/v1.0/vendors/sync", json=body)
    answer.raise_for_status()
    errors = answer.json()["errors"]
    if errors:
        raise ValueError(f"Procore refused {len(errors)} of {len(items)} vendors")


def main():
    pipeline = dlt.pipeline("vendors", destination=procore, pipelines_dir=os.environ["WORK_FOLDER"])
    pipeline.run(vendors()).raise_on_failed_jobs()
    own = resource.getrusage(resource.RUSAGE_SELF)
    below = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = own.ru_utime + own.ru_stime + below.ru_utime + below.ru_stime
    with open("/proc/self/status", encoding="ascii") as status:
        peak = int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1])
    print(json.dumps({"cpuSeconds": cpu, "peakMb": peak / 1024}))


if __name__ == "__main__":
    main()
