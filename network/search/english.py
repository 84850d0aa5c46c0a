"""What Snowball’s English does not know of English words, folded: two spellings above all."""

from __future__ import annotations

import re

from network.search.forms import Rules, pairs, rewrites

_STOP = frozenset(
    """
    a an and are as at be been but by can could did do does for from had has have he her hers
    him his how i if in into is it its may me my no nor not of on or our ours she should so such
    than that the their theirs them then there these they this those to too was we were what when
    where which while who whom whose why will with would you your yours
    about after also because before between during each here just many much more most must only
    other ours over same some still through until upon us very want wants let lets does shall
    am any both every done doing get gets got
    """.split()
)
"""Words too common to search by; few, because each one is a word that cannot be found."""


def _endings() -> dict[str, str]:
    """American -er as British -re."""
    metres = {
        f"{size}{unit}er": f"{size}{unit}re"
        for size in ("", "kilo", "centi", "milli")
        for unit in ("met", "lit")
    }
    words = (
        "fib theat amphitheat cent calib sab spect lust meag somb accout och mit nit sepulch goit"
    )
    return metres | {f"{word}er": f"{word}re" for word in words.split()}


_SPELT_OTHERWISE = pairs(
    """
    centred: centered, centring: centering, kerb: curb, kerbside: curbside, programme: program,
    gramme: gram, kilogramme: kilogram, grey: gray, greyer: grayer, greying: graying, cheque: check,
    tyre: tire, plough: plow, mould: mold, sceptic: skeptic, sceptical: skeptical,
    scepticism: skepticism, storey: story, draught: draft, doughnut: donut, yoghurt: yogurt,
    whisky: whiskey, mum: mom, gaol: jail, axis: axes, axe: ax, disc: disk, woollen: woolen,
    speciality: specialty, aeroplane: airplane, oestrogen: estrogen, oedema: edema,
    aluminium: aluminum, cosy: cozy, jewellery: jewelry,
    sulphur: sulfur, moustache: mustache, judgement: judgment,
    acknowledgement: acknowledgment, ageing: aging, annexe: annex, artefact: artifact,
    enquiry: inquiry, enquiries: inquiries, practice: practise, practiced: practised,
    practicing: practising,
    skilful: skillful, fulfil: fulfill, fulfilment: fulfillment, enrol: enroll,
    enrolment: enrollment, instalment: installment, wilful: willful, install: instal,
    distil: distill, instil: instill, pyjamas: pajamas, cypher: cipher, likeable: likable,
    sizeable: sizable, misdemeanour: misdemeanor, diarrhoea: diarrhea,
    towards: toward, afterwards: afterward, learned: learnt, dreamed: dreamt, burned: burnt,
    spelled: spelt, spoiled: spoilt, leaned: leant
    """
)

_FORMS = pairs(
    """
    man: men, woman: women, child: children, person: people, foot: feet, tooth: teeth,
    goose: geese, mouse: mice, louse: lice, ox: oxen, life: lives, leaf: leaves, wolf: wolves,
    half: halves, shelf: shelves, self: selves, knife: knives, wife: wives, loaf: loaves,
    thief: thieves, calf: calves, elf: elves, scarf: scarves, hoof: hooves, wharf: wharves,
    roof: rooves, dwarf: dwarves, sheaf: sheaves, bus: buses busses, gas: gases gasses,
    plus: pluses, minus: minuses, lens: lenses, alias: aliases, canvas: canvases, yes: yeses,
    bias: biases biased, atlas: atlases, quiz: quizzes, penny: pence, die: dice,
    criterion: criteria, phenomenon: phenomena,
    index: indices, appendix: appendices, matrix: matrices, vertex: vertices,
    bacterium: bacteria, curriculum: curricula, corpus: corpora, genus: genera,
    memorandum: memoranda, referendum: referenda, forum: fora, stadium: stadia, datum: data,
    medium: media, stratum: strata, addendum: addenda, erratum: errata, gymnasium: gymnasia,
    symposium: symposia, consortium: consortia, moratorium: moratoria, auditorium: auditoria,
    aquarium: aquaria, honorarium: honoraria, crematorium: crematoria, millennium: millennia,
    stimulus: stimuli, nucleus: nuclei, fungus: fungi, alumnus: alumni, syllabus: syllabi,
    radius: radii, cactus: cacti, terminus: termini, locus: loci, focus: foci,
    formula: formulae, crise: crisis, analyse: analysis, hypothese: hypothesis, base: basis,
    diagnose: diagnosis, synthese: synthesis, emphase: emphasis, oase: oasis, ellipse: ellipsis,
    parenthese: parenthesis, prognose: prognosis, thesis: theses,
    saint: st sts, avenue: ave, boulevard: blvd, road: rd, doctor: dr, government: govt,
    department: dept, mount: mt,
    build: built builder, rebuild: rebuilt, lend: lender lent, spend: spent, send: sent,
    teach: taught teacher, buy: bought buyer, sell: sold seller, bring: brought, seek: sought,
    fight: fought, catch: caught, think: thought, keep: kept, sleep: slept, sweep: swept,
    feel: felt, meet: met, feed: fed, hold: held, uphold: upheld, stand: stood,
    understand: understood, tell: told, pay: paid payment, lose: lost, win: won, mean: meant,
    choose: chose chosen, write: wrote written writer, rewrite: rewrote rewritten,
    drive: drove driven driver, ride: rode ridden rider, rise: risen, speak: spoke spoken speaker,
    break: broke broken, freeze: froze frozen, steal: stole stolen, give: gave given,
    take: took taken, undertake: undertook undertaken, shake: shaken, grow: grew grown grower,
    know: knew known, throw: threw thrown, draw: drew drawn, withdraw: withdrew withdrawn,
    show: shown, begin: began begun, swim: swam swum, sing: sang sung, run: ran, eat: ate eaten,
    fall: fallen, forbid: forbidden, hide: hidden, prove: proven, wear: worn, tear: torn,
    vote: voter, farm: farmer, visit: visitor, invest: investor, inspect: inspector,
    contract: contractor, walk: walker, design: designer, clean: cleaner, plant: planter,
    rent: rental renter, settle: settlement, treat: treatment, safe: safety,
    authority: authorities, business: businesses, engineer: engineering, democrat: democracy,
    bureaucrat: bureaucracy, tenant: tenancy
    """
)
"""Forms that are other words as well are left out: found, left, led, saw, ground, bound, rose."""

RULES = Rules(
    "english",
    _STOP,
    _endings() | _SPELT_OTHERWISE | _FORMS,
    # American and British spelling are one word.
    rewrites(
        (r"(?<=[a-z]{3})i[sz](?=(?:e|es|ed|er|ers|ing|able|ation|ations|ational)$)", "is"),
        (r"^(anal|paral|catal|(?:electr|hydr)ol|dial)yz(?=(?:e|es|ed|er|ers|ing)$)", r"\1ys"),
        (
            r"^((?:un|dis|mis)?(?:arm|arb|ard|behavi|cand|clam|col|dem|end?eav|fav|ferv|flav|glam"
            r"|harb|hon|hum|lab|neighb|od|parl|ranc|rig|rum|savi?|splend|tum|val|vap|vig))our",
            r"\1or",
        ),
        (r"^(s?mo)u(?=l[dt])", r"\1"),
        (r"^plough", "plow"),
        (r"^draught", "draft"),
        (r"^enquir", "inquir"),
        (r"^man(?:oeuv|euv)(?:re?|er)(?=e?s?$|ed$|ing$|able$)", "maneuver"),
        (r"^theatre(?=.)", "theater"),
        # Words from Greek: anaemia, paediatric; foetus, homoeopathy.
        (r"^(an|arch|c|encyclop|f|gyn|h|isch|leuk|medi|orthop|p|pal|prim|tox|ur)ae(?!ro)", r"\1e"),
        (r"^(f(?=oet)|am(?=oeb)|hom(?=oeo)|c(?=oel))o", r"\1"),
        (r"^((?:dia|epi|kilo|mono|tele)?(?:pro)?gram)m(?=e?s?$|ed$|ers?$|ing$)", r"\1"),
        (r"(?<=[a-z]{2})ogu?(?=(?:ing|ed|er|ers)$)", "og"),
        (r"(?<=[a-z]{2})ogues?$", "og"),
        (r"^(lic|def|off|pret)ens(?=(?:e|es|ed|ing)$)", r"\1enc"),
        (
            r"^(cancel|channel|council|counsel|dial|equal|fuel|jewel|label|level|marvel|model|panel"
            r"|parcel|pedal|quarrel|rival|shovel|signal|total|travel|tunnel)l"
            r"(?=(?:ed|ing|er|ers|or|ors|ous|ation|ations)$)",
            r"\1",
        ),
        # Plurals of the last part of a word: policewomen, grandchildren, midwives; bureaux, NGOs.
        (r"(?<=wo)men$", "man"),
        (
            r"^(?!(?:speci|regi|abdo|acu|sta|se|cycla|bitu|albu|exa|ye|dol|fora|hy|turk)men$)"
            r"([a-z]{2,})men$",
            r"\1man",
        ),
        (r"(?<=child)ren$", ""),
        (r"(?<=wi)ves$", "fe"),
        (r"(?<=shel)ves$", "f"),
        (r"(?<=[a-z]{2}eau)x$", ""),
        (r"^(?!(?:plu|thi|thu)s$)([b-df-hj-np-tv-z]{2,}[aiou])s$", r"\1"),
        (r"(?<=[a-z]{3}(?:er|or|en))ships?$", ""),
        (r"^subsidis(?:e[sd]?|ing|ations?)$", "subsidy"),
        (r"^(particip|consult|deliber|regul|innov|explor)atory$", r"\1ate"),
    ),
    # What stands for another thing than the word that it comes from.
    re.compile(
        r"departments?|apartments?|experiments?|importan(?:t|ce)|international|informal|initiatives?"
        r"|animations?|authority|business|parkings?|housings?|transitions?|positives?"
        r"|hospitality|objectives?|customers?|engineers?|relatives?|united|formations?|officers?"
        r"|collectives?|rational|executives?|processions?|successions?|protestants?|several"
        r"|conservatives?|respective|minerals?|morale|stockings?|landings?|marinate"
    ),
)
