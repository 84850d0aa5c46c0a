"""Forms of words that the stemmers do not know to be one word, and others that they take for one.

Everything here is folded: small letters without accents. Snowball’s French wants accents, which
folding took, and gives up on most feminine forms; its English knows nothing of two spellings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from network.search import stopwords


@dataclass(frozen=True, slots=True)
class Rules:
    """How one language changes its words.

    irregular: forms that are another word’s; with an s behind them, too. rewrites: applied in
    order before the stemmer. whole: words that it would take for a form of an unrelated one.
    """

    stemmer: str
    stop: frozenset[str]
    irregular: Mapping[str, str]
    rewrites: tuple[tuple[re.Pattern[str], str], ...]
    whole: re.Pattern[str]

    def base(self, word: str) -> str:
        """The word that an irregular form belongs to, or the word itself."""
        known = self.irregular.get(word)
        if known is None and word.endswith("s"):
            known = self.irregular.get(word[:-1])
        return word if known is None else known


def _pairs(text: str) -> dict[str, str]:
    """“base: form form, base: form” as form → base."""
    groups = (group.split(":") for group in text.replace("\n", " ").split(","))
    return {form: base.strip() for base, forms in groups for form in forms.split()}


def _rewrites(*rules: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), replacement) for pattern, replacement in rules)


FRENCH = Rules(
    "french",
    stopwords.FRENCH,
    _pairs(
        """
        travail: travaux, vitrail: vitraux, bail: baux, email: emaux, corail: coraux, oeil: yeux,
        ciel: cieux, cheveu: cheveux, enjeu: enjeux, aveu: aveux, neveu: neveux, adieu: adieux,
        essieu: essieux, hebreu: hebreux, milieu: milieux, hiver: hivers,
        saint: st ste sts stes, tout: tous,
        public: publique publiquement, turc: turque, grec: grecque, caduc: caduque,
        blanc: blanche, franc: franche, sec: seche, frais: fraiche,
        neuf: neuve, bref: breve, veuf: veuve, sauf: sauve, serf: serve,
        nouveau: nouvelle nouvel, beau: belle bel, vieux: vieille vieil, fou: folle, mou: molle,
        jumeau: jumelle, long: longue, doux: douce, faux: fausse, roux: rousse, bas: basse,
        gros: grosse, gras: grasse, las: lasse, epais: epaisse, creux: creuse,
        jaloux: jalouse, fier: fiere, gentil: gentille,
        favori: favorite, malin: maligne, benin: benigne, copain: copine,
        precis: precise, gris: grise, soumis: soumise, permis: permise, acquis: acquise,
        concis: concise, indecis: indecise, exquis: exquise, assis: assise, requis: requise,
        conquis: conquise, admis: admise, compris: comprise, promis: promise, omis: omise,
        transmis: transmise, remis: remise, commis: commise, surpris: surprise, appris: apprise,
        pris: prise, mis: mise, inclus: incluse, confus: confuse, intrus: intruse, clos: close,
        maire: mairesse, maitre: maitresse, hote: hotesse, prince: princesse,
        demandeur: demanderesse, defendeur: defenderesse, bailleur: bailleresse
        """
    ),
    _rewrites(
        (r"(?<=[a-z]{2})ees?$", "e"),
        (r"^(?=[iv]*x)([ivx]+)i?emes?$", r"\1e"),
        (r"(?<=[a-z]{2})ieres?$", "ier"),
        (r"(?<=[a-z](?:[a-z][gh]|ll))eres?$", "er"),
        (r"(?<=[a-z][a-uw-z])ers$", "er"),
        (r"(?<=[a-z])trices?$", "teur"),
        (r"^([a-z]{1,2}eu|[a-z]{1,3}ou|[a-z]+yau)x$", r"\1"),
        # Travailleur and heureux have their feminine alike; after an i it is always -ieux.
        (r"(?<=i)euses?$", "eux"),
        (r"(?<=[a-z][a-hj-z])(?:euses?|eurs|eux)$", "eur"),
        (r"(?<=[a-z])ifs?$", "ive"),
        (r"(?<!^cr)(?<!^ap)(?<=[a-z]{2})([ao]i)ses?$", r"\1"),
        # The stemmer takes the plural of élu, vélo and loi for a part of the word.
        (r"(?<=[a-z]{2}[ou])s$", ""),
        (r"^(?!(?:paris|fois|mois)$)([a-z]+i)s$", r"\1"),
    ),
    re.compile(
        r"(?:[a-z]+i|departe|parle|apparte|amende|comple|supple|ele)ments?|communications?"
        r"|[a-z]{0,3}[b-z][st]ions?"
    ),
)


def _british() -> dict[str, str]:
    """American spellings, and British ones of old, of single words."""
    metres = {
        f"{size}{unit}er": f"{size}{unit}re"
        for size in ("", "kilo", "centi", "milli")
        for unit in ("met", "lit")
    }
    ending = {f"{word}er": f"{word}re" for word in ("fib", "theat", "amphitheat", "cent", "calib",
              "sab", "spect", "lust", "meag", "somb", "accout")}  # fmt: skip
    return (
        metres
        | ending
        | _pairs(
            """
        centred: centered, kerb: curb, programme: program, gramme: gram, kilogramme: kilogram,
        grey: gray, cheque: check, tyre: tire, plough: plow, mould: mold, sceptic: skeptic,
        aluminium: aluminum, cosy: cozy, jewellery: jewelry,
        sulphur: sulfur, moustache: mustache, judgement: judgment,
        acknowledgement: acknowledgment, ageing: aging, annexe: annex, artefact: artifact,
        enquiry: inquiry, enquiries: inquiries, practice: practise, practiced: practised,
        practicing: practising, manoeuvre: maneuver, paediatric: pediatric,
        paediatrician: pediatrician, encyclopaedia: encyclopedia, archaeology: archeology,
        archaeological: archeological, anaemia: anemia, anaesthetic: anesthetic,
        orthopaedic: orthopedic, foetus: fetus, foetal: fetal, diarrhoea: diarrhea,
        skilful: skillful, fulfil: fulfill, fulfilment: fulfillment, enrol: enroll,
        enrolment: enrollment, instalment: installment, wilful: willful, install: instal,
        pyjamas: pajamas, cypher: cipher, likeable: likable, sizeable: sizable,
        towards: toward, learned: learnt, dreamed: dreamt, burned: burnt, spelled: spelt
        """
        )
    )


ENGLISH = Rules(
    "english",
    stopwords.ENGLISH,
    _british()
    | _pairs(
        """
        man: men, woman: women, child: children, person: people, foot: feet, tooth: teeth,
        goose: geese, mouse: mice, louse: lice, ox: oxen, life: lives, leaf: leaves, wolf: wolves,
        half: halves, shelf: shelves, self: selves, knife: knives, wife: wives, loaf: loaves,
        thief: thieves, calf: calves, elf: elves, scarf: scarves, hoof: hooves, wharf: wharves,
        dwarf: dwarves, sheaf: sheaves, bus: buses busses, gas: gases gasses, plus: pluses,
        minus: minuses, lens: lenses, alias: aliases, canvas: canvases, yes: yeses,
        bias: biases biased, atlas: atlases, criterion: criteria, phenomenon: phenomena,
        index: indices, appendix: appendices, matrix: matrices, vertex: vertices,
        bacterium: bacteria, curriculum: curricula,
        memorandum: memoranda, referendum: referenda, forum: fora, stadium: stadia,
        stimulus: stimuli, nucleus: nuclei, fungus: fungi, alumnus: alumni, syllabus: syllabi,
        formula: formulae, crise: crisis, analyse: analysis, hypothese: hypothesis,
        diagnose: diagnosis, synthese: synthesis, emphase: emphasis, oase: oasis,
        parenthese: parenthesis, thesis: theses,
        saint: st sts
        """
    ),
    # American and British spelling are one word.
    _rewrites(
        (r"(?<=[a-z]{3})i[sz](?=(?:e|es|ed|er|ers|ing|able|ation|ations|ational)$)", "is"),
        (r"^(anal|paral|catal|electrol|dial)yz(?=(?:e|es|ed|er|ers|ing)$)", r"\1ys"),
        (
            r"^((?:un|dis|mis)?(?:arm|ard|behavi|cand|clam|col|dem|end?eav|fav|ferv|flav|glam|harb"
            r"|hon|hum|lab|neighb|od|parl|ranc|rig|rum|savi?|splend|tum|val|vap|vig))our",
            r"\1or",
        ),
        (r"(?<=[a-z]{2})ogu?(?=(?:ing|ed|er|ers)$)", "og"),
        (r"(?<=[a-z]{2})ogues?$", "og"),
        (r"^(lic|def|off|pret)ens(?=(?:e|es|ed|ing)$)", r"\1enc"),
        (
            r"^(cancel|channel|counsel|dial|equal|fuel|jewel|label|level|marvel|model|panel|parcel"
            r"|pedal|quarrel|rival|shovel|signal|total|travel|tunnel)l(?=(?:ed|ing|er|ers|ous)$)",
            r"\1",
        ),
    ),
    re.compile(r"departments?|apartments?|experiments?|important|international"),
)
