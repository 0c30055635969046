"""Makes every call that ProPyCore offers against a simulator, and prints what came of each: one JSON object a line.

Usage: propycore_calls.py <address> <client id> <client secret> <company> <ids, as JSON>
"""

import contextlib
import datetime
import json
import sys
import tempfile

import ProPyCore.procore as propycore

ADDRESS, CLIENT, SECRET, COMPANY = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
IDS = json.loads(sys.argv[5])
NAMES = ("project", "vendor", "code", "type", "user", "person", "timeType")
PROJECT, VENDOR, CODE, TYPE, USER, PERSON, TIME_TYPE = (IDS[name] for name in NAMES)

MONDAY, SUNDAY = datetime.datetime(2026, 3, 2), datetime.datetime(2026, 3, 8)


def told(error):
    """What the server said, where it said something."""
    response = getattr(error, "response", None)
    message = getattr(error, "message", None) or str(error)
    return f"{type(error).__name__}: {message}" + (f" {response}" if response else "")


def said(value):
    if isinstance(value, list):
        return f"{len(value)} rows"
    if isinstance(value, dict):
        return ", ".join(f"{key}={value[key]}" for key in ("id", "name", "status_code") if key in value) or "an object"
    return repr(value)


def attempt(name, work):
    value = None
    try:
        # The package prints some errors on its own; here every line of the output is a call.
        with contextlib.redirect_stdout(sys.stderr):
            value = work()
        line = {"call": name, "ok": True, "said": said(value)}
    except Exception as error:  # whatever it is, it is what this call came to
        line = {"call": name, "ok": False, "said": told(error)[:300]}
    print(json.dumps(line), flush=True)
    return value


def id_of(value, otherwise=1):
    return value.get("id", otherwise) if isinstance(value, dict) else otherwise


def main():
    try:
        p = propycore.Procore(CLIENT, SECRET, "", ADDRESS, ADDRESS)
    except Exception as error:
        print(json.dumps({"call": "authenticate", "ok": False, "said": told(error)}), flush=True)
        return
    print(json.dumps({"call": "authenticate", "ok": True, "said": "a token"}), flush=True)
    here = (COMPANY, PROJECT)

    attempt("companies.get", lambda: p.companies.get(per_page=100))
    attempt("companies.find", lambda: p.companies.find(COMPANY))
    attempt("companies.get_projects", lambda: p.companies.get_projects(COMPANY))
    attempt("companies.list_regions", lambda: p.companies.list_regions(COMPANY))
    attempt("companies.list_project_types", lambda: p.companies.list_project_types(COMPANY))
    attempt("companies.list_project_stages", lambda: p.companies.list_project_stages(COMPANY))
    attempt("projects.get", lambda: p.projects.get(COMPANY))
    attempt("projects.find", lambda: p.projects.find(COMPANY, PROJECT))
    attempt("projects.get_type", lambda: p.projects.get_type(COMPANY, PROJECT))

    attempt("directory.vendors.get", lambda: p.directory.vendors.get(COMPANY))
    attempt("directory.vendors.find", lambda: p.directory.vendors.find(COMPANY, VENDOR))
    attempt("directory.vendors.get in a project", lambda: p.directory.vendors.get(*here))
    attempt("directory.users.get", lambda: p.directory.users.get(COMPANY))
    attempt("directory.users.get in a project", lambda: p.directory.users.get(*here))
    attempt("directory.users.show", lambda: p.directory.users.show(COMPANY, None, USER))
    attempt("directory.users.add", lambda: p.directory.users.add(*here, USER))
    attempt("directory.people.get", lambda: p.directory.people.get(COMPANY))
    attempt("directory.people.get in a project", lambda: p.directory.people.get(*here))
    attempt("directory.trades.get", lambda: p.directory.trades.get(COMPANY))
    attempt("directory.roles.list_all", lambda: p.directory.roles.list_all(COMPANY))
    attempt("directory.roles.get", lambda: p.directory.roles.get(*here))
    attempt("permissions.get", lambda: p.permissions.get(COMPANY))
    attempt("permissions.get_company_templates", lambda: p.permissions.get_company_templates(COMPANY))
    attempt("permissions.get_project_templates", lambda: p.permissions.get_project_templates(*here))

    attempt("cost_codes.get", lambda: p.cost_codes.get(*here))
    attempt("cost_codes.show", lambda: p.cost_codes.show(*here, CODE))
    attempt("cost_codes.find", lambda: p.cost_codes.find(*here, CODE))
    attempt("cost_codes.create", lambda: p.cost_codes.create(*here, "Signage", "10-140"))

    cost = attempt(
        "direct_costs.create",
        lambda: p.direct_costs.create(
            *here,
            {"direct_cost_type": "invoice", "vendor_id": VENDOR, "invoice_number": "A-71", "direct_cost_date": "2026-03-02"},
            [{"cost_code_id": CODE, "line_item_type_id": TYPE, "quantity": "2", "unit_cost": "60.00", "uom": "ea"}],
        ),
    )
    attempt("direct_costs.get", lambda: p.direct_costs.get(*here))
    attempt("direct_costs.show", lambda: p.direct_costs.show(*here, id_of(cost)))
    attempt("direct_costs.find", lambda: p.direct_costs.find(*here, "A-71"))
    attempt("direct_costs.update", lambda: p.direct_costs.update(*here, id_of(cost), {"description": "Signs"}))
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(b"an invoice")
        file.flush()
        attempt("direct_costs.add_attachment", lambda: p.direct_costs.add_attachment(*here, id_of(cost), [file.name]))

    attempt("budgets.views.get", lambda: p.budgets.views.get(*here))
    attempt("budgets.columns.get", lambda: p.budgets.columns.get(*here, 1))
    attempt("budgets.rows.get", lambda: p.budgets.rows.get(*here, 1))
    attempt("budgets.details.get", lambda: p.budgets.details.get(*here, 1))
    attempt("change_events.get", lambda: p.change_events.get(*here))
    attempt("change_events.get_statuses", lambda: p.change_events.get_statuses(*here))
    attempt("change_events.show", lambda: p.change_events.show(*here, 1))

    attempt("time.timecards.get_time_types", lambda: p.time.timecards.get_time_types(COMPANY))
    attempt("time.timecards.get_for_day", lambda: p.time.timecards.get_for_day(*here, MONDAY))
    attempt(
        "time.timecards.get_for_specified_period",
        lambda: p.time.timecards.get_for_specified_period(COMPANY, MONDAY, SUNDAY),
    )
    card = {
        "hours": "8.0",
        "party_id": PERSON,
        "timecard_time_type_id": TIME_TYPE,
        "cost_code_id": CODE,
        "line_item_type_id": TYPE,
        "date": "2026-03-02",
    }
    entry = attempt("time.timecards.create", lambda: p.time.timecards.create(*here, dict(card)))
    attempt("time.timecards.update", lambda: p.time.timecards.update(*here, id_of(entry), {"date": "2026-03-02", "hours": "6.0"}))
    attempt("time.timesheets.get_for_pay_period", lambda: p.time.timesheets.get_for_pay_period(COMPANY))
    attempt(
        "time.timesheets.get_for_specified_period",
        lambda: p.time.timesheets.get_for_specified_period(COMPANY, MONDAY, SUNDAY),
    )

    folder = attempt("folders.create", lambda: p.folders.create(*here, "Invoices"))
    attempt("folders.root", lambda: p.folders.root(*here))
    attempt("folders.show", lambda: p.folders.show(*here, id_of(folder)))
    attempt("folders.update", lambda: p.folders.update(*here, id_of(folder), folder_name="Bills"))
    attempt("folders.get", lambda: p.folders.get(*here))
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(b"an invoice")
        file.flush()
        document = attempt("files.create", lambda: p.files.create(*here, file.name, id_of(folder)))
    attempt("files.show", lambda: p.files.show(*here, id_of(document)))
    attempt("files.update", lambda: p.files.update(*here, id_of(document), description="The bill"))
    attempt("files.get", lambda: p.files.get(*here))
    attempt("files.remove", lambda: p.files.remove(*here, id_of(document)))
    attempt("folders.remove", lambda: p.folders.remove(*here, id_of(folder)))

    attempt("rfis.get", lambda: p.rfis.get(*here))
    attempt("rfis.show", lambda: p.rfis.show(*here, 1))
    attempt("submittals.get", lambda: p.submittals.get(*here))
    attempt("submittals.get_statuses", lambda: p.submittals.get_statuses(*here))
    attempt("submittals.get_types", lambda: p.submittals.get_types(*here))
    attempt("submittals.show", lambda: p.submittals.show(*here, 1))
    attempt("tasks.get", lambda: p.tasks.get(*here))
    attempt("tasks.show", lambda: p.tasks.show(*here, 1))
    attempt("tools.get", lambda: p.tools.get(COMPANY))
    attempt("tools.get_items", lambda: p.tools.get_items(*here, 1))
    attempt("tools.create_item", lambda: p.tools.create_item(*here, 1, {"title": "Delivery"}))
    attempt("tools.get_statuses", lambda: p.tools.get_statuses(COMPANY, 1))
    attempt("quality.punch.get", lambda: p.quality.punch.get(*here))
    attempt("quality.punch.show", lambda: p.quality.punch.show(*here, 1))
    attempt("photos.categories.get", lambda: p.photos.categories.get(*here))
    attempt("photos.categories.create", lambda: p.photos.categories.create(*here, "Week 9"))
    attempt("drawings.revisions.get", lambda: p.drawings.revisions.get(*here))
    attempt("drawings.uploads.get", lambda: p.drawings.uploads.get(*here))
    attempt("drawings.sets.get", lambda: p.drawings.sets.get(*here))
    attempt("drawings.tiles.get", lambda: p.drawings.tiles.get(*here, 1))


main()
