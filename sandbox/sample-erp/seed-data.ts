const STATES: Readonly<Record<string, string>> = {
  US: 'AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY',
  CA: 'AB BC MB NB NL NS NT NU ON PE QC SK YT',
  MX: 'BCN CHH JAL NLE SON TAM',
};

const COUNTRIES: Readonly<Record<string, string>> = {
  US: 'United States',
  CA: 'Canada',
  MX: 'Mexico',
  DE: 'Germany',
  GB: 'United Kingdom',
};

const MONTHS = Array.from({ length: 12 }, (_, index) => `2026-${String(index + 1).padStart(2, '0')}`);

/** What a new company cannot do without: companies, groups, code tables, and the periods of 2026 (January to June closed). */
export const BASIC_CODES = [
  "INSERT INTO HQVR VALUES ('Groundwork', '11.4');",
  "INSERT INTO HQVG VALUES (1, 'Shared vendor file', 10000, 99999, 10001);",
  "INSERT INTO HQCO VALUES (1, 'Larkspur Builders Inc.', 1, 1), (2, 'Larkspur Civil LLC', 1, 1);",
  ...Object.entries(COUNTRIES).map(([code, name]) => `INSERT INTO HQCN VALUES ('${code}', '${name}');`),
  ...Object.entries(STATES).flatMap(([country, states]) =>
    states.split(' ').map((state) => `INSERT INTO HQST VALUES ('${country}', '${state}', '${state}');`),
  ),
  "INSERT INTO APVT VALUES ('REG', 'Regular'), ('SUB', 'Subcontractor'), ('SUP', 'Supplier'), ('PRO', 'Professional services');",
  "INSERT INTO HQHC VALUES ('LIEN', 'Lien filed'), ('INSUR', 'Insurance expired'), ('DISPUTE', 'Invoice in dispute');",
  ...MONTHS.flatMap((mth) =>
    [1, 2].flatMap((co) =>
      ['AP', 'AR', 'JC', 'PR'].map(
        (module) =>
          `INSERT INTO GLPD VALUES (${co}, '${mth}', '${module}', '${mth <= '2026-06' ? 'closed' : 'open'}');`,
      ),
    ),
  ),
].join('\n');

/** Number | sort name | name | address | city | state | zip | country | phone | e-mail | type | retainage | status | hold | contact. */
export const SEED_VENDORS = `
10001|ABLEPLUMB|Able Plumbing & Heating Co.|1820 Harbor Way|Seattle|WA|98134|US|(206) 555-0101|ap@ableplumbing.example|SUB|10.00|A||Rosa Delgado
10002|ACMECONC|Acme Concrete Pumping LLC|77 Industrial Loop|Tacoma|WA|98421|US|253-555-0102|billing@acmepumping.example|SUB|10.00|A||Henrik Aalto
10003|ALDERSUPPLY|Alder Building Supply Inc.|4100 Airport Way S|Seattle|WA|98108|US|206.555.0103|orders@aldersupply.example|SUP|0.00|A|
10004|ARGENT|Argent Structural Engineers PLLC|601 Union St Suite 900|Seattle|WA|98101|US|206-555-0104|invoices@argent-se.example|PRO|0.00|A|
10005|ATLASCRANE|Atlas Crane & Rigging|9 Terminal Rd|Portland|OR|97203|US|503-555-0105|ar@atlascrane.example|SUB|5.00|A|
10006|BEACONELEC|Beacon Electric Corporation|2311 4th Ave N|Kent|WA|98032|US|(253) 555-0106|ap@beaconelectric.example|SUB|10.00|A|
10007|BIRCHROOF|Birch Roofing Co|310 Mill Rd|Everett|WA|98201|US|425-555-0107||SUB|10.00|I|
10008|BLUEHERON|Blue Heron Landscaping|15 Garden Ct|Olympia|WA|98501|US|360-555-0108|office@blueheron.example|SUB|5.00|A|
10009|CASCADEGLASS|Cascade Glass & Glazing Inc|5505 Rainier Ave S|Seattle|WA|98118|US|206-555-0109|pm@cascadeglass.example|SUB|10.00|A|
10010|CEDARDOOR|Cedar Door and Hardware|88 Commerce Pl|Bellevue|WA|98004|US|425-555-0110|sales@cedardoor.example|SUP|0.00|A|
10011|COBALT|Cobalt Excavating Inc.|4820 Pit Rd|Spokane|WA|99202|US|509-555-0111|dispatch@cobaltexcavating.example|SUB|10.00|A||Priya Raman
10012|COLUMBIASTEEL|Columbia Steel Erectors|2200 River St|Vancouver|WA|98660|US|360-555-0112|ap@columbiasteel.example|SUB|10.00|A|
10013|CORVUS|Corvus Fire Protection LLC|16 Station Ave|Renton|WA|98057|US|425-555-0113|service@corvusfire.example|SUB|7.50|A|
10014|DELTADRYWALL|Delta Drywall Inc.|902 Cherry Ln|Yakima|WA|98901|US|509-555-0114|ap@deltadrywall.example|SUB|10.00|A|
10015|EASTSIDEPAINT|Eastside Painting|41 Brush Ct|Redmond|WA|98052|US|425-555-0115||SUB|10.00|I|
10016|EMERALDTESTING|Emerald Testing Laboratories|3rd Ave 1200|Seattle|WA|98101|US|206-555-0116|reports@emeraldtesting.example|PRO|0.00|A|
10017|FALCONDEMO|Falcon Demolition LLC|7 Quarry Rd|Tacoma|WA|98409|US|253-555-0117|office@falcondemo.example|SUB|10.00|I|LIEN
10018|FIRSTCHOICE|First Choice Temporary Power Heating Dehumidification Rental|120 Depot St|Auburn|WA|98001|US|253-555-0118|rentals@firstchoice.example|REG|0.00|A|
10019|FJORD|Fjord Møller Precast A/S|55 Bay St|Bellingham|WA|98225|US|360-555-0119|kontor@fjordprecast.example|SUP|0.00|A|
10020|GRANITERIDGE|Granite Ridge Masonry|18 Stone Way|Boise|ID|83702|US|208-555-0120|ap@graniteridge.example|SUB|10.00|A|
10021|GREENLINE|Greenline Waste & Recycling|660 Transfer Rd|Seattle|WA|98134|US|206-555-0121|billing@greenline.example|REG|0.00|A|
10022|HALCYON|Halcyon Elevator Company|10 Tower Pl|San Francisco|CA|94105|US|415-555-0122|ar@halcyonelevator.example|SUB|10.00|A|
10023|HARBORMARINE|Harbor Marine Construction|1 Pier 91|Seattle|WA|98119|US|206-555-0123|ap@harbormarine.example|SUB|10.00|I|INSUR
10024|IRONWOOD|Ironwood Millwork Ltd.|208 Saw St|Vancouver|BC|V5K 0A1|CA|604-555-0124|accounts@ironwood.example|SUP|5.00|A|
10025|JUNIPERCIVIL|Juniper Civil Survey Group|77 Plat Rd|Bend|OR|97701|US|541-555-0125|office@junipersurvey.example|PRO|0.00|A|
10026|KESTREL|Kestrel HVAC Controls|31 Signal Dr|Lynnwood|WA|98036|US|425-555-0126|ap@kestrelcontrols.example|SUB|10.00|A|
10027|LAURENTIDE|Acier Laurentide Ltée|1200 rue Saint-Rémi|Montréal|QC|H4C 3G8|CA|514-555-0127|comptes@laurentide.example|SUP|0.00|A|
10028|LIBERTYTILE|Liberty Tile & Stone|5 Market St|Spokane|WA|99201|US|509-555-0128|ap@libertytile.example|SUB|10.00|A|
10029|LODESTAR|Lodestar Security Systems Inc.|900 Fob Ln|Kirkland|WA|98033|US|425-555-0129|invoices@lodestar.example|SUB|10.00|A|
10030|MERIDIANASPH|Meridian Asphalt Paving|14 Plant Rd|Pasco|WA|99301|US|509-555-0130|ap@meridianpaving.example|SUB|5.00|A|
10031|MONTANO|Montaño Hermanos Estucos|250 Calle Roble|El Paso|TX|79901|US|915-555-0131|oficina@montano.example|SUB|10.00|A|
10032|NORTHSTARFENCE|North Star Fence|60 Picket Ave|Fairbanks|AK|99701|US|907-555-0132||SUB|0.00|A|
10033|OLYMPICCAULK|Olympic Caulking & Waterproofing|72 Sealant Way|Tukwila|WA|98188|US|206-555-0133|ap@olympiccaulking.example|SUB|10.00|A|
10034|PACIFICRENTAL|Pacific Equipment Rental – North|400 Boom St|Marysville|WA|98270|US|360-555-0134|rent@pacificequipment.example|REG|0.00|A|
10035|PINNACLEFLOOR|Pinnacle Flooring|11 Plank Pl|Boise|ID|83706|US|208-555-0135|ap@pinnaclefloor.example|SUB|10.00|A|
10036|QUARTZ|Quartz Countertops of the Inland Empire|19 Slab Rd|Spokane Valley|WA|99206|US|509-555-0136|office@quartztops.example|SUP|0.00|A|
10037|REDROCKREBAR|Redrock Rebar Fabricators|3000 Bend Blvd|Salt Lake City|UT|84104|US|801-555-0137|ap@redrockrebar.example|SUP|5.00|A|
10038|SENAL|Señal Traffic Control|8 Cone Ct|Phoenix|AZ|85003|US|602-555-0138|ap@senaltraffic.example|SUB|0.00|A|
10039|SUMMITINSUL|Summit Insulation|23 Batt Rd|Wenatchee|WA|98801|US|509-555-0139||SUB|10.00|I|
10040|TIDEWATERPUMP|Tidewater Pump & Well|5 Casing Ln|Astoria|OR|97103|US|503-555-0140|service@tidewaterpump.example|REG|0.00|A|
10041|UNITEDSCAFFOLD|United Scaffold & Shoring|610 Frame Ave|Tacoma|WA|98402|US|253-555-0141|billing@unitedscaffold.example|SUB|5.00|A|
10042|VALKYRIE|Valkyrie Vermessung GmbH|Hafenstraße 12|Hamburg||20457|DE|+49 40 5550142|buchhaltung@valkyrie.example|PRO|0.00|A|
`;

/** Code | description: the phase master. Codes with one part are headings. */
export const SEED_CODES = `
1|General requirements
1-310|Project management
1-500|Temporary facilities
3|Concrete
3-100|Concrete forming
3-200|Reinforcing
3-300|Cast-in-place concrete
3-300-10|Slab on grade
9|Finishes
9-290|Gypsum board
9-910|Painting
23|Heating, ventilating and air conditioning
23-050|HVAC basic materials
23-300|HVAC ducts
26|Electrical
26-050|Electrical rough-in
26-500|Lighting
31|Earthwork
31-200|Earth moving
`;

/** Code | description | base type. */
export const SEED_COST_TYPES = `
1|Labor|labor
2|Material|materials
3|Subcontract|commitments
4|Equipment|equipment
5|Other|other
`;
