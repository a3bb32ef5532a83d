"""Real references of ten kinds, and how each is written in Vancouver and in AMA style.

Many are the sample references of the ICMJE (nlm.nih.gov/bsd/uniform_requirements.html) and of the AMA Manual of Style, 11th edition; the
others are written after the rules of NLM's Citing Medicine and of that manual.
"""

from datetime import date

from articles.citations import Source

READ = date(2026, 5, 1)

# Each row: its kind, the reference, Vancouver, AMA.
GOLDEN = [
    (
        "article",
        Source(
            title="Solid-organ transplantation in HIV-infected patients", authors="Halpern, Scott D.; Ubel, Peter A.; Caplan, Arthur L.",
            source="N Engl J Med", year=2002, volume="347", issue="4", pages="284-287", doi="10.1056/nejmsb020632", pmid="12140307",
        ),
        "Halpern SD, Ubel PA, Caplan AL. Solid-organ transplantation in HIV-infected patients. N Engl J Med. 2002;347(4):284-7. doi: 10.1056/nejmsb020632. PMID: 12140307.",
        "Halpern SD, Ubel PA, Caplan AL. Solid-organ transplantation in HIV-infected patients. N Engl J Med. 2002;347(4):284-287. doi:10.1056/nejmsb020632",
    ),
    (
        "article",
        Source(
            title="Regulation of interstitial excitatory amino acid concentrations after cortical contusion injury",
            authors="Rose, M. E.; Huerbin, M. B.; Melick, J.; Marion, D. W.; Palmer, A. M.; Schiding, J. K.; Kochanek, P. M.; Graham, S. H.",
            source="Brain Res", year=2002, volume="935", issue="1-2", pages="40-6",
        ),
        "Rose ME, Huerbin MB, Melick J, Marion DW, Palmer AM, Schiding JK, et al. Regulation of interstitial excitatory amino acid concentrations after cortical contusion injury. Brain Res. 2002;935(1-2):40-6.",
        "Rose ME, Huerbin MB, Melick J, et al. Regulation of interstitial excitatory amino acid concentrations after cortical contusion injury. Brain Res. 2002;935(1-2):40-46.",
    ),
    (
        "article",
        Source(
            title="Hypertension, insulin, and proinsulin in participants with impaired glucose tolerance",
            authors="Diabetes Prevention Program Research Group", source="Hypertension", year=2002, volume="40", issue="5", pages="679-686",
        ),
        "Diabetes Prevention Program Research Group. Hypertension, insulin, and proinsulin in participants with impaired glucose tolerance. Hypertension. 2002;40(5):679-86.",
        "Diabetes Prevention Program Research Group. Hypertension, insulin, and proinsulin in participants with impaired glucose tolerance. Hypertension. 2002;40(5):679-686.",
    ),
    (
        "article",
        Source(
            title="21st century heart solution may have a sting in the tail", source="BMJ", year=2002, volume="325", issue="7357", pages="184",
        ),
        "21st century heart solution may have a sting in the tail. BMJ. 2002;325(7357):184.",
        "21st century heart solution may have a sting in the tail. BMJ. 2002;325(7357):184.",
    ),
    (
        "article",
        Source(
            title="Tolerability and safety of frovatriptan with short- and long-term use for treatment of migraine and in comparison with sumatriptan",
            authors="Geraud, G.; Spierings, E. L.; Keywood, C.", source="Headache", year=2002, volume="42 Suppl 2", pages="S93-S99",
        ),
        "Geraud G, Spierings EL, Keywood C. Tolerability and safety of frovatriptan with short- and long-term use for treatment of migraine and in comparison with sumatriptan. Headache. 2002;42 Suppl 2:S93-9.",
        "Geraud G, Spierings EL, Keywood C. Tolerability and safety of frovatriptan with short- and long-term use for treatment of migraine and in comparison with sumatriptan. Headache. 2002;42 Suppl 2:S93-S99.",
    ),
    (
        "article",
        Source(
            kind="randomised_trial",
            title="Primary prevention of cardiovascular disease with a Mediterranean diet supplemented with extra-virgin olive oil or nuts",
            authors="Estruch, Ramón; Ros, Emilio; Salas-Salvadó, Jordi; Covas, Maria-Isabel; Corella, Dolores; Arós, Fernando; Gómez-Gracia, Enrique",
            source="N Engl J Med", year=2018, volume="378", issue="25", pages="e34", doi="10.1056/nejmoa1800389", pmid="29897866",
        ),
        "Estruch R, Ros E, Salas-Salvadó J, Covas MI, Corella D, Arós F, et al. Primary prevention of cardiovascular disease with a Mediterranean diet supplemented with extra-virgin olive oil or nuts. N Engl J Med. 2018;378(25):e34. doi: 10.1056/nejmoa1800389. PMID: 29897866.",
        "Estruch R, Ros E, Salas-Salvadó J, et al. Primary prevention of cardiovascular disease with a Mediterranean diet supplemented with extra-virgin olive oil or nuts. N Engl J Med. 2018;378(25):e34. doi:10.1056/nejmoa1800389",
    ),
    (
        "article",
        Source(
            title="Postpartum hemorrhage and transfusion of blood and blood components",
            authors="Jansen, A. J. G.; van Rhenen, D. J.; Steegers, E. A. P.", source="Obstet Gynecol Surv", year=2005, volume="60", issue="10",
            pages="663-71", doi="10.1097/01.ogx.0000180909.31293.cf", pmid="16186783",
        ),
        "Jansen AJG, van Rhenen DJ, Steegers EAP. Postpartum hemorrhage and transfusion of blood and blood components. Obstet Gynecol Surv. 2005;60(10):663-71. doi: 10.1097/01.ogx.0000180909.31293.cf. PMID: 16186783.",
        "Jansen AJG, van Rhenen DJ, Steegers EAP. Postpartum hemorrhage and transfusion of blood and blood components. Obstet Gynecol Surv. 2005;60(10):663-671. doi:10.1097/01.ogx.0000180909.31293.cf",
    ),
    (
        "online-first",
        Source(
            kind="randomised_trial", title="Safety and efficacy of the BNT162b2 mRNA Covid-19 vaccine",
            authors="Polack, Fernando P.; Thomas, Stephen J.; Kitchin, Nicholas; Absalon, Judith; Gurtman, Alejandra; Lockhart, Stephen; Perez, John L.",
            source="N Engl J Med", year=2020, online_on=date(2020, 12, 10), doi="10.1056/nejmoa2034577", pmid="33301246",
        ),
        "Polack FP, Thomas SJ, Kitchin N, Absalon J, Gurtman A, Lockhart S, et al. Safety and efficacy of the BNT162b2 mRNA Covid-19 vaccine. N Engl J Med. 2020 Dec 10. doi: 10.1056/nejmoa2034577. Epub ahead of print. PMID: 33301246.",
        "Polack FP, Thomas SJ, Kitchin N, et al. Safety and efficacy of the BNT162b2 mRNA Covid-19 vaccine. N Engl J Med. Published online December 10, 2020. doi:10.1056/nejmoa2034577",
    ),
    (
        "online-first",
        Source(
            kind="randomised_trial", title="Dexamethasone in hospitalized patients with Covid-19 - preliminary report",
            authors="RECOVERY Collaborative Group", source="N Engl J Med", year=2020, online_on=date(2020, 7, 17), doi="10.1056/nejmoa2021436",
        ),
        "RECOVERY Collaborative Group. Dexamethasone in hospitalized patients with Covid-19 - preliminary report. N Engl J Med. 2020 Jul 17. doi: 10.1056/nejmoa2021436. Epub ahead of print.",
        "RECOVERY Collaborative Group. Dexamethasone in hospitalized patients with Covid-19 - preliminary report. N Engl J Med. Published online July 17, 2020. doi:10.1056/nejmoa2021436",
    ),
    (
        "online-first",
        Source(
            title="Clinical characteristics of coronavirus disease 2019 in China",
            authors="Guan, Wei-jie; Ni, Zheng-yi; Hu, Yu; Liang, Wen-hua; Ou, Chun-quan; He, Jian-xing; Liu, Lei", source="N Engl J Med", year=2020,
            online_on=date(2020, 2, 28), doi="10.1056/nejmoa2002032",
        ),
        "Guan WJ, Ni ZY, Hu Y, Liang WH, Ou CQ, He JX, et al. Clinical characteristics of coronavirus disease 2019 in China. N Engl J Med. 2020 Feb 28. doi: 10.1056/nejmoa2002032. Epub ahead of print.",
        "Guan WJ, Ni ZY, Hu Y, et al. Clinical characteristics of coronavirus disease 2019 in China. N Engl J Med. Published online February 28, 2020. doi:10.1056/nejmoa2002032",
    ),
    (
        "guideline",
        Source(
            kind="guideline",
            title="Noninvasive treatments for acute, subacute, and chronic low back pain: a clinical practice guideline from the American College of Physicians",
            authors="Qaseem, Amir; Wilt, Timothy J.; McLean, Robert M.; Forciea, Mary Ann", source="Ann Intern Med", year=2017, volume="166",
            issue="7", pages="514-530", doi="10.7326/m16-2367", pmid="28192789", issuing_body="American College of Physicians",
        ),
        "Qaseem A, Wilt TJ, McLean RM, Forciea MA. Noninvasive treatments for acute, subacute, and chronic low back pain: a clinical practice guideline from the American College of Physicians. Ann Intern Med. 2017;166(7):514-30. doi: 10.7326/m16-2367. PMID: 28192789.",
        "Qaseem A, Wilt TJ, McLean RM, Forciea MA. Noninvasive treatments for acute, subacute, and chronic low back pain: a clinical practice guideline from the American College of Physicians. Ann Intern Med. 2017;166(7):514-530. doi:10.7326/m16-2367",
    ),
    (
        "guideline",
        Source(
            kind="guideline", title="Screening for depression in adults: US Preventive Services Task Force recommendation statement",
            authors="Siu, Albert L.; US Preventive Services Task Force", source="JAMA", year=2016, volume="315", issue="4", pages="380-387",
            doi="10.1001/jama.2015.18392", pmid="26813211", issuing_body="US Preventive Services Task Force",
        ),
        "Siu AL; US Preventive Services Task Force. Screening for depression in adults: US Preventive Services Task Force recommendation statement. JAMA. 2016;315(4):380-7. doi: 10.1001/jama.2015.18392. PMID: 26813211.",
        "Siu AL; US Preventive Services Task Force. Screening for depression in adults: US Preventive Services Task Force recommendation statement. JAMA. 2016;315(4):380-387. doi:10.1001/jama.2015.18392",
    ),
    (
        "guideline",
        Source(
            kind="guideline", form="report", title="Low back pain and sciatica in over 16s: assessment and management",
            issuing_body="National Institute for Health and Care Excellence", source="NICE guideline", issue="NG59", publisher="NICE",
            place="London", year=2016, url="https://www.nice.org.uk/guidance/ng59", accessed_on=READ,
        ),
        "National Institute for Health and Care Excellence. Low back pain and sciatica in over 16s: assessment and management [Internet]. London: NICE; 2016 [cited 2026 May 1]. (NICE guideline; no. NG59). Available from: https://www.nice.org.uk/guidance/ng59",
        "National Institute for Health and Care Excellence. Low back pain and sciatica in over 16s: assessment and management. NICE; 2016. NICE guideline NG59. Accessed May 1, 2026. https://www.nice.org.uk/guidance/ng59",
    ),
    (
        "guideline",
        Source(
            kind="guideline", form="report",
            title="Consolidated guidelines on HIV prevention, testing, treatment, service delivery and monitoring: recommendations for a public health approach",
            issuing_body="World Health Organization", source="World Health Organization", place="Geneva", year=2021, isbn="9789240031593",
        ),
        "World Health Organization. Consolidated guidelines on HIV prevention, testing, treatment, service delivery and monitoring: recommendations for a public health approach. Geneva: World Health Organization; 2021.",
        "World Health Organization. Consolidated guidelines on HIV prevention, testing, treatment, service delivery and monitoring: recommendations for a public health approach. World Health Organization; 2021.",
    ),
    (
        "guideline",
        Source(
            kind="guideline", title="Heavy menstrual bleeding: assessment and management",
            issuing_body="National Institute for Health and Care Excellence", source="NICE", year=2018, url="https://www.nice.org.uk/guidance/ng88",
            accessed_on=READ,
        ),
        "National Institute for Health and Care Excellence. Heavy menstrual bleeding: assessment and management [Internet]. NICE; 2018 [cited 2026 May 1]. Available from: https://www.nice.org.uk/guidance/ng88",
        "National Institute for Health and Care Excellence. Heavy menstrual bleeding: assessment and management. NICE. 2018. Accessed May 1, 2026. https://www.nice.org.uk/guidance/ng88",
    ),
    (
        "report",
        Source(
            form="report", title="Health hazard evaluation report", authors="Page, E.; Harney, J. M.",
            publisher="National Institute for Occupational Safety and Health (US)", place="Cincinnati (OH)", year=2001, issue="HETA2000-0139-2824",
        ),
        "Page E, Harney JM. Health hazard evaluation report. Cincinnati (OH): National Institute for Occupational Safety and Health (US); 2001. Report No.: HETA2000-0139-2824.",
        "Page E, Harney JM. Health hazard evaluation report. National Institute for Occupational Safety and Health (US); 2001. Report No. HETA2000-0139-2824.",
    ),
    (
        "report",
        Source(
            form="report", title="Closing the gap in a generation: health equity through action on the social determinants of health",
            authors="Commission on Social Determinants of Health", publisher="World Health Organization", place="Geneva", year=2008,
        ),
        "Commission on Social Determinants of Health. Closing the gap in a generation: health equity through action on the social determinants of health. Geneva: World Health Organization; 2008.",
        "Commission on Social Determinants of Health. Closing the gap in a generation: health equity through action on the social determinants of health. World Health Organization; 2008.",
    ),
    (
        "report",
        Source(
            form="report", title="Noninvasive treatments for low back pain",
            authors="Chou, Roger; Deyo, Richard; Friedly, Janna; Skelly, Andrea; Hashimoto, Robin; Weimer, Melissa; Fu, Rochelle; Dana, Tracy",
            publisher="Agency for Healthcare Research and Quality (US)", place="Rockville (MD)", year=2016,
            source="Comparative effectiveness review", issue="169",
        ),
        "Chou R, Deyo R, Friedly J, Skelly A, Hashimoto R, Weimer M, et al. Noninvasive treatments for low back pain. Rockville (MD): Agency for Healthcare Research and Quality (US); 2016. (Comparative effectiveness review; no. 169).",
        "Chou R, Deyo R, Friedly J, et al. Noninvasive treatments for low back pain. Agency for Healthcare Research and Quality (US); 2016. Comparative effectiveness review 169.",
    ),
    (
        "report",
        Source(
            form="report", title="Learning from deaths: a review of the first year of NHS trusts implementing the national guidance",
            issuing_body="Care Quality Commission", publisher="Care Quality Commission", place="Newcastle upon Tyne", year=2019,
        ),
        "Care Quality Commission. Learning from deaths: a review of the first year of NHS trusts implementing the national guidance. Newcastle upon Tyne: Care Quality Commission; 2019.",
        "Care Quality Commission. Learning from deaths: a review of the first year of NHS trusts implementing the national guidance. Care Quality Commission; 2019.",
    ),
    (
        "book",
        Source(
            kind="book", form="book", title="Medical microbiology", authors="Murray, P. R.; Rosenthal, K. S.; Kobayashi, G. S.; Pfaller, M. A.",
            edition="4", publisher="Mosby", place="St. Louis", year=2002,
        ),
        "Murray PR, Rosenthal KS, Kobayashi GS, Pfaller MA. Medical microbiology. 4th ed. St. Louis: Mosby; 2002.",
        "Murray PR, Rosenthal KS, Kobayashi GS, Pfaller MA. Medical microbiology. 4th ed. Mosby; 2002.",
    ),
    (
        "book",
        Source(
            kind="book", form="book", title="Operative obstetrics", editors="Gilstrap, L. C. III; Cunningham, F. G.; VanDorsten, J. P.",
            edition="2nd ed.", publisher="McGraw-Hill", place="New York", year=2002,
        ),
        "Gilstrap LC 3rd, Cunningham FG, VanDorsten JP, editors. Operative obstetrics. 2nd ed. New York: McGraw-Hill; 2002.",
        "Gilstrap LC III, Cunningham FG, VanDorsten JP, eds. Operative obstetrics. 2nd ed. McGraw-Hill; 2002.",
    ),
    (
        "book",
        Source(
            kind="book", form="book", title="To err is human: building a safer health system",
            editors="Kohn, Linda T.; Corrigan, Janet M.; Donaldson, Molla S.", publisher="National Academy Press", place="Washington (DC)",
            year=2000,
        ),
        "Kohn LT, Corrigan JM, Donaldson MS, editors. To err is human: building a safer health system. Washington (DC): National Academy Press; 2000.",
        "Kohn LT, Corrigan JM, Donaldson MS, eds. To err is human: building a safer health system. National Academy Press; 2000.",
    ),
    (
        "book",
        Source(
            kind="book", form="book", title="Users' guides to the medical literature: a manual for evidence-based clinical practice",
            editors="Guyatt, Gordon; Rennie, Drummond; Meade, Maureen O.; Cook, Deborah J.", edition="3rd edition",
            publisher="McGraw-Hill Education", place="New York", year=2015,
        ),
        "Guyatt G, Rennie D, Meade MO, Cook DJ, editors. Users' guides to the medical literature: a manual for evidence-based clinical practice. 3rd ed. New York: McGraw-Hill Education; 2015.",
        "Guyatt G, Rennie D, Meade MO, Cook DJ, eds. Users' guides to the medical literature: a manual for evidence-based clinical practice. 3rd ed. McGraw-Hill Education; 2015.",
    ),
    (
        "chapter",
        Source(
            kind="book", form="chapter", title="Chromosome alterations in human solid tumors",
            authors="Meltzer, P. S.; Kallioniemi, A.; Trent, J. M.", source="The genetic basis of human cancer",
            editors="Vogelstein, B.; Kinzler, K. W.", publisher="McGraw-Hill", place="New York", year=2002, pages="93-113",
        ),
        "Meltzer PS, Kallioniemi A, Trent JM. Chromosome alterations in human solid tumors. In: Vogelstein B, Kinzler KW, editors. The genetic basis of human cancer. New York: McGraw-Hill; 2002. p. 93-113.",
        "Meltzer PS, Kallioniemi A, Trent JM. Chromosome alterations in human solid tumors. In: Vogelstein B, Kinzler KW, eds. The genetic basis of human cancer. McGraw-Hill; 2002:93-113.",
    ),
    (
        "chapter",
        Source(
            kind="book", form="chapter", title="Completing 'Summary of findings' tables and grading the certainty of the evidence",
            authors="Schünemann, H. J.; Higgins, J. P. T.; Vist, G. E.; Glasziou, P.; Akl, E. A.; Skoetz, N.; Guyatt, G. H.",
            source="Cochrane handbook for systematic reviews of interventions",
            editors="Higgins, J. P. T.; Thomas, J.; Chandler, J.; Cumpston, M.; Li, T.; Page, M. J.; Welch, V. A.", edition="2",
            publisher="John Wiley & Sons", place="Chichester (UK)", year=2019, pages="375-402",
        ),
        "Schünemann HJ, Higgins JPT, Vist GE, Glasziou P, Akl EA, Skoetz N, et al. Completing 'Summary of findings' tables and grading the certainty of the evidence. In: Higgins JPT, Thomas J, Chandler J, Cumpston M, Li T, Page MJ, et al, editors. Cochrane handbook for systematic reviews of interventions. 2nd ed. Chichester (UK): John Wiley & Sons; 2019. p. 375-402.",
        "Schünemann HJ, Higgins JPT, Vist GE, et al. Completing 'Summary of findings' tables and grading the certainty of the evidence. In: Higgins JPT, Thomas J, Chandler J, et al, eds. Cochrane handbook for systematic reviews of interventions. 2nd ed. John Wiley & Sons; 2019:375-402.",
    ),
    (
        "chapter",
        Source(
            kind="book", form="chapter", title="Effectors of immunity and rationale for immunotherapy", authors="Whiteside, T. L.; Heberman, R. B.",
            source="Cancer medicine 6",
            editors="Kufe, D. W.; Pollock, R. E.; Weichselbaum, R. R.; Bast, R. C. Jr; Gansler, T. S.; Holland, J. F.; Frei, E. III",
            publisher="BC Decker", place="Hamilton (ON)", year=2003, pages="221-228",
        ),
        "Whiteside TL, Heberman RB. Effectors of immunity and rationale for immunotherapy. In: Kufe DW, Pollock RE, Weichselbaum RR, Bast RC Jr, Gansler TS, Holland JF, et al, editors. Cancer medicine 6. Hamilton (ON): BC Decker; 2003. p. 221-8.",
        "Whiteside TL, Heberman RB. Effectors of immunity and rationale for immunotherapy. In: Kufe DW, Pollock RE, Weichselbaum RR, et al, eds. Cancer medicine 6. BC Decker; 2003:221-228.",
    ),
    (
        "chapter",
        Source(
            kind="book", form="chapter", title="Drug allergy: desensitization and treatment of reactions to antibiotics and aspirin",
            authors="Solensky, R.", source="Allergens and allergen immunotherapy", editors="Lockey, P.", edition="3", publisher="Marcel Dekker",
            place="New York", year=2004, pages="585-606",
        ),
        "Solensky R. Drug allergy: desensitization and treatment of reactions to antibiotics and aspirin. In: Lockey P, editor. Allergens and allergen immunotherapy. 3rd ed. New York: Marcel Dekker; 2004. p. 585-606.",
        "Solensky R. Drug allergy: desensitization and treatment of reactions to antibiotics and aspirin. In: Lockey P, ed. Allergens and allergen immunotherapy. 3rd ed. Marcel Dekker; 2004:585-606.",
    ),
    (
        "web page",
        Source(
            kind="web_page", form="web_page", title="About shingles (herpes zoster)", issuing_body="Centers for Disease Control and Prevention",
            year=2024, url="https://www.cdc.gov/shingles/about/index.html", accessed_on=READ,
        ),
        "Centers for Disease Control and Prevention. About shingles (herpes zoster) [Internet]. 2024 [cited 2026 May 1]. Available from: https://www.cdc.gov/shingles/about/index.html",
        "Centers for Disease Control and Prevention. About shingles (herpes zoster). 2024. Accessed May 1, 2026. https://www.cdc.gov/shingles/about/index.html",
    ),
    (
        "web page",
        Source(
            kind="web_page", form="web_page", title="Sciatica", source="NHS", url="https://www.nhs.uk/conditions/sciatica/", accessed_on=READ,
        ),
        "Sciatica [Internet]. NHS; [cited 2026 May 1]. Available from: https://www.nhs.uk/conditions/sciatica/",
        "Sciatica. NHS. Accessed May 1, 2026. https://www.nhs.uk/conditions/sciatica/",
    ),
    (
        "web page",
        Source(
            kind="web_page", form="web_page", title="Cancer-Pain.org", publisher="Association of Cancer Online Resources, Inc.", place="New York",
            year=2000, url="http://www.cancer-pain.org/", accessed_on=date(2002, 7, 9),
        ),
        "Cancer-Pain.org [Internet]. New York: Association of Cancer Online Resources, Inc.; 2000 [cited 2002 Jul 9]. Available from: http://www.cancer-pain.org/",
        "Cancer-Pain.org. Association of Cancer Online Resources, Inc. 2000. Accessed July 9, 2002. http://www.cancer-pain.org/",
    ),
    (
        "web page",
        Source(
            kind="web_page", form="web_page", title="What is a gene?", issuing_body="National Library of Medicine", source="MedlinePlus",
            place="Bethesda (MD)", online_on=date(2021, 3, 22), year=2021, url="https://medlineplus.gov/genetics/understanding/basics/gene/",
            accessed_on=READ,
        ),
        "National Library of Medicine. What is a gene? [Internet]. Bethesda (MD): MedlinePlus; 2021 Mar 22 [cited 2026 May 1]. Available from: https://medlineplus.gov/genetics/understanding/basics/gene/",
        "National Library of Medicine. What is a gene? MedlinePlus. Published March 22, 2021. Accessed May 1, 2026. https://medlineplus.gov/genetics/understanding/basics/gene/",
    ),
    (
        "drug label",
        Source(
            kind="drug_label", form="drug_label", title="Lamictal (lamotrigine)", publisher="GlaxoSmithKline", place="Research Triangle Park (NC)",
            year=2009,
        ),
        "Lamictal (lamotrigine) [package insert]. Research Triangle Park (NC): GlaxoSmithKline; 2009.",
        "Lamictal (lamotrigine). Package insert. GlaxoSmithKline; 2009.",
    ),
    (
        "drug label",
        Source(
            kind="drug_label", form="drug_label", title="Humira (adalimumab)", publisher="AbbVie Inc.", place="North Chicago (IL)", year=2021,
            url="https://www.accessdata.fda.gov/drugsatfda_docs/label/2021/125057s417lbl.pdf", accessed_on=READ,
        ),
        "Humira (adalimumab) [package insert on the Internet]. North Chicago (IL): AbbVie Inc; 2021 [cited 2026 May 1]. Available from: https://www.accessdata.fda.gov/drugsatfda_docs/label/2021/125057s417lbl.pdf",
        "Humira (adalimumab). Package insert. AbbVie Inc; 2021. Accessed May 1, 2026. https://www.accessdata.fda.gov/drugsatfda_docs/label/2021/125057s417lbl.pdf",
    ),
    (
        "drug label",
        Source(
            kind="drug_label", form="drug_label", title="Ozempic (semaglutide)", publisher="Novo Nordisk", place="Plainsboro (NJ)", year=2022,
        ),
        "Ozempic (semaglutide) [package insert]. Plainsboro (NJ): Novo Nordisk; 2022.",
        "Ozempic (semaglutide). Package insert. Novo Nordisk; 2022.",
    ),
    (
        "drug label",
        Source(
            kind="drug_label", form="drug_label", title="Lyrica (pregabalin)", publisher="Pfizer", place="New York", year=2020,
        ),
        "Lyrica (pregabalin) [package insert]. New York: Pfizer; 2020.",
        "Lyrica (pregabalin). Package insert. Pfizer; 2020.",
    ),
    (
        "thesis",
        Source(
            form="thesis", title="Infant sleep and feeding: a telephone survey of Hispanic Americans", authors="Borkowski, M. M.",
            publisher="Central Michigan University", place="Mount Pleasant (MI)", year=2002,
        ),
        "Borkowski MM. Infant sleep and feeding: a telephone survey of Hispanic Americans [dissertation]. Mount Pleasant (MI): Central Michigan University; 2002.",
        "Borkowski MM. Infant sleep and feeding: a telephone survey of Hispanic Americans. Dissertation. Central Michigan University; 2002.",
    ),
    (
        "thesis",
        Source(
            form="thesis", title="Cloning and characterization of Piccolo, a novel component of the presynaptic cytoskeletal matrix",
            authors="Fenster, S. D.", publisher="University of Alabama", place="Birmingham", year=2000,
        ),
        "Fenster SD. Cloning and characterization of Piccolo, a novel component of the presynaptic cytoskeletal matrix [dissertation]. Birmingham: University of Alabama; 2000.",
        "Fenster SD. Cloning and characterization of Piccolo, a novel component of the presynaptic cytoskeletal matrix. Dissertation. University of Alabama; 2000.",
    ),
    (
        "thesis",
        Source(
            form="thesis", title="A symbolic analysis of relay and switching circuits", authors="Shannon, Claude Elwood", edition="master's thesis",
            publisher="Massachusetts Institute of Technology", place="Cambridge (MA)", year=1940,
        ),
        "Shannon CE. A symbolic analysis of relay and switching circuits [master's thesis]. Cambridge (MA): Massachusetts Institute of Technology; 1940.",
        "Shannon CE. A symbolic analysis of relay and switching circuits. Master's thesis. Massachusetts Institute of Technology; 1940.",
    ),
    (
        "preprint",
        Source(
            form="preprint",
            title="A prospective randomized trial examining health care utilization in individuals using multiple smartphone-enabled biosensors",
            authors="Bloss, Cinnamon S.; Wineinger, Nathan E.; Peters, Melissa; Boeldt, Debra L.; Ariniello, Lauren; Kim, Ju Young; Sheard, Judith; Komatireddy, Ravi; Barrett, Paddy; Topol, Eric J.",
            source="bioRxiv", year=2015, online_on=date(2015, 12, 17), doi="10.1101/029983",
        ),
        "Bloss CS, Wineinger NE, Peters M, Boeldt DL, Ariniello L, Kim JY, et al. A prospective randomized trial examining health care utilization in individuals using multiple smartphone-enabled biosensors. bioRxiv [Preprint]. 2015 Dec 17. doi: 10.1101/029983.",
        "Bloss CS, Wineinger NE, Peters M, et al. A prospective randomized trial examining health care utilization in individuals using multiple smartphone-enabled biosensors. bioRxiv. Preprint posted online December 17, 2015. doi:10.1101/029983",
    ),
    (
        "preprint",
        Source(
            form="preprint", title="Effect of dexamethasone in hospitalized patients with COVID-19: preliminary report",
            authors="Horby, Peter; Lim, Wei Shen; Emberson, Jonathan; Mafham, Marion; Bell, Jennifer; Linsell, Louise; Staplin, Natalie",
            source="medRxiv", year=2020, online_on=date(2020, 6, 22), doi="10.1101/2020.06.22.20137273",
        ),
        "Horby P, Lim WS, Emberson J, Mafham M, Bell J, Linsell L, et al. Effect of dexamethasone in hospitalized patients with COVID-19: preliminary report. medRxiv [Preprint]. 2020 Jun 22. doi: 10.1101/2020.06.22.20137273.",
        "Horby P, Lim WS, Emberson J, et al. Effect of dexamethasone in hospitalized patients with COVID-19: preliminary report. medRxiv. Preprint posted online June 22, 2020. doi:10.1101/2020.06.22.20137273",
    ),
    (
        "preprint",
        Source(
            form="preprint", title="Evolution of antibody immunity to SARS-CoV-2", authors="Gaebler, Christian; Wang, Zijun; Lorenzi, Julio C. C.",
            source="bioRxiv", year=2020, doi="10.1101/2020.11.03.367391",
        ),
        "Gaebler C, Wang Z, Lorenzi JCC. Evolution of antibody immunity to SARS-CoV-2. bioRxiv [Preprint]. 2020. doi: 10.1101/2020.11.03.367391.",
        "Gaebler C, Wang Z, Lorenzi JCC. Evolution of antibody immunity to SARS-CoV-2. bioRxiv. Preprint 2020. doi:10.1101/2020.11.03.367391",
    ),
    (
        "conference",
        Source(
            form="conference", title="An analysis of Koza's computational effort statistic for genetic programming",
            authors="Christensen, S.; Oppacher, F.",
            source="Genetic programming. EuroGP 2002: Proceedings of the 5th European Conference on Genetic Programming; 2002 Apr 3-5; Kinsdale, Ireland",
            editors="Foster, J. A.; Lutton, E.; Miller, J.; Ryan, C.; Tettamanzi, A. G.", publisher="Springer", place="Berlin", year=2002,
            pages="182-191",
        ),
        "Christensen S, Oppacher F. An analysis of Koza's computational effort statistic for genetic programming. In: Foster JA, Lutton E, Miller J, Ryan C, Tettamanzi AG, editors. Genetic programming. EuroGP 2002: Proceedings of the 5th European Conference on Genetic Programming; 2002 Apr 3-5; Kinsdale, Ireland. Berlin: Springer; 2002. p. 182-91.",
        "Christensen S, Oppacher F. An analysis of Koza's computational effort statistic for genetic programming. In: Foster JA, Lutton E, Miller J, Ryan C, Tettamanzi AG, eds. Genetic programming. EuroGP 2002: Proceedings of the 5th European Conference on Genetic Programming; 2002 Apr 3-5; Kinsdale, Ireland. Springer; 2002:182-191.",
    ),
    (
        "conference",
        Source(
            form="conference", title="Intraoperative PTH monitoring in parathyroid hyperplasia requires stricter criteria for success",
            authors="Weber, K. J.; Lee, J.; Decresce, R.; Subjasis, M.; Prinz, R.",
            source="25th Annual American Association of Endocrine Surgeons Meeting", year=2004, place="Charlottesville, VA",
        ),
        "Weber KJ, Lee J, Decresce R, Subjasis M, Prinz R. Intraoperative PTH monitoring in parathyroid hyperplasia requires stricter criteria for success. Paper presented at: 25th Annual American Association of Endocrine Surgeons Meeting; 2004; Charlottesville, VA.",
        "Weber KJ, Lee J, Decresce R, Subjasis M, Prinz R. Intraoperative PTH monitoring in parathyroid hyperplasia requires stricter criteria for success. Paper presented at: 25th Annual American Association of Endocrine Surgeons Meeting; 2004; Charlottesville, VA.",
    ),
]  # fmt: skip
