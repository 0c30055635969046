/** States of the USA with its district and territories, and provinces of Canada: the code of ISO 3166-2 without the country, the name, old abbreviations. */
export const STATES = `
AL Alabama=Ala; AK Alaska; AZ Arizona=Ariz; AR Arkansas=Ark; CA California=Calif=Cal; CO Colorado=Colo;
CT Connecticut=Conn; DE Delaware=Del; DC District of Columbia=Washington DC; FL Florida=Fla; GA Georgia;
HI Hawaii; ID Idaho; IL Illinois=Ill; IN Indiana=Ind; IA Iowa; KS Kansas=Kans=Kan; KY Kentucky;
LA Louisiana; ME Maine; MD Maryland; MA Massachusetts=Mass; MI Michigan=Mich; MN Minnesota=Minn;
MS Mississippi=Miss; MO Missouri; MT Montana=Mont; NE Nebraska=Nebr=Neb; NV Nevada=Nev;
NH New Hampshire; NJ New Jersey; NM New Mexico=N Mex; NY New York; NC North Carolina=N Car;
ND North Dakota=N Dak; OH Ohio; OK Oklahoma=Okla; OR Oregon=Ore=Oreg; PA Pennsylvania=Penn=Penna;
RI Rhode Island; SC South Carolina=S Car; SD South Dakota=S Dak; TN Tennessee=Tenn; TX Texas=Tex;
UT Utah; VT Vermont; VA Virginia; WA Washington=Wash; WV West Virginia=W Va; WI Wisconsin=Wis=Wisc;
WY Wyoming=Wyo; AS American Samoa; GU Guam; MP Northern Mariana Islands; PR Puerto Rico;
VI U.S. Virgin Islands=Virgin Islands; AB Alberta=Alta; BC British Columbia; MB Manitoba=Man;
NB New Brunswick; NL Newfoundland and Labrador=NF=Newfoundland=Nfld; NS Nova Scotia; NT Northwest Territories=NWT;
NU Nunavut; ON Ontario=Ont; PE Prince Edward Island=PEI; QC Quebec=PQ=Que; SK Saskatchewan=Sask;
YT Yukon=YK=Yukon Territory
`;
