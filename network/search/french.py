"""What Snowball’s French does not know of French words, folded.

It wants accents, which folding took, and gives up on most feminine forms and on the plurals of what
looks like a verb (conflit, loisir, opinion).
"""

from __future__ import annotations

import re

from network.search.forms import Rules, pairs, rewrites

_STOP = frozenset(
    """
    a ai ainsi au aux avec c ce ceci cela celle celles celui ces cet cette ceux chaque comme d dans
    de des donc dont du elle elles en est et etait etaient etant etre eu eux fut il ils j je l
    la laquelle le lequel les lesquelles lesquels leur leurs lui m ma mais me meme memes mes mon n
    ne ni nos notre nous on ont ou par pas pour qu quand que quel quelle quelles quels qui quoi s
    sa se sera seront ses si soit son sont sous sur t ta te tes toi ton tu un une vos votre vous y
    aura auront avait avaient ayant
    afin alors apres avant aussi autre autres beaucoup bien car chez combien comment dehors
    depuis deja entre egalement encore fait faire faites faut faudrait jusque lors lorsque
    moins peu peut peuvent pouvez pouvons pourquoi pourrait plus plutot puis rien sinon tel telle
    toujours tres trop vers veut veulent voici voila va vont dois doit doivent existe quoi
    http https www
    """.split()
)
"""Words too common to search by; few, because each one is a word that cannot be found."""

_IRREGULAR = pairs(
    """
    travail: travaux, vitrail: vitraux, bail: baux, email: emaux, corail: coraux, oeil: yeux,
    soupirail: soupiraux, vantail: vantaux, ideal: ideaux, boreal: boreaux, royal: royaux,
    loyal: loyaux, deloyal: deloyaux, mal: maux, materiau: materiaux, etau: etaux, landau: landaus,
    ciel: cieux, cheveu: cheveux, enjeu: enjeux, aveu: aveux, neveu: neveux, adieu: adieux,
    essieu: essieux, moyeu: moyeux, hebreu: hebreux, milieu: milieux, hiver: hivers,
    saint: st ste sts stes, tout: tous toustes, monsieur: messieurs, madame: mme mmes mesdames,
    docteur: dr, avenue: av, boulevard: bvd, cle: clef, minimum: minima, maximum: maxima,
    optimum: optima, oignon: ognon, nenuphar: nenufar, chariot: charriot, relais: relai,
    important: importante, courant: courante, portuaire: port,
    public: publique publiquement, laic: laique, turc: turque, grec: grecque, caduc: caduque,
    blanc: blanche, franc: franche, sec: seche, frais: fraiche,
    neuf: neuve, bref: breve, veuf: veuve, sauve: sauf, serf: serve, loup: louve,
    nouveau: nouvelle nouvel, beau: belle bel, vieux: vieille vieil, fou: folle, mou: molle,
    jumeau: jumelle, chameau: chamelle, long: longue, doux: douce, faux: fausse, roux: rousse,
    bas: basse, gros: grosse, gras: grasse, las: lasse, epais: epaisse, creuse: creux,
    pieux: pieuse, expres: expresse, nul: nulle, sot: sotte, chat: chatte, paysan: paysanne,
    tiers: tierce, jaloux: jalouse, epoux: epouse, fier: fiere, gentil: gentille,
    favori: favorite, malin: maligne, benin: benigne, copain: copine,
    precise: precis, imprecise: imprecis, gris: grise, soumis: soumise, insoumis: insoumise,
    permis: permise, acquis: acquise, concis: concise, indecis: indecise, exquis: exquise,
    assis: assise, requis: requise, conquis: conquise, admis: admise, compris: comprise,
    incompris: incomprise, promis: promise, compromis: compromise, omis: omise,
    transmis: transmise, remis: remise, commis: commise, surpris: surprise, appris: apprise,
    pris: prise, mis: mise, marquis: marquise, divers: diverse, pervers: perverse, epars: eparse,
    inclus: incluse, exclus: excluse, diffuse: diffus, confus: confuse, intrus: intruse,
    clos: close, maire: mairesse, maitre: maitresse, hote: hotesse, prince: princesse,
    comte: comtesse, demandeur: demanderesse, defendeur: defenderesse, bailleur: bailleresse,
    ambassadeur: ambassadrice,
    gestion: gerer gere geres geree gerees gerent, location: louer loue loues louee louees louent,
    protection: proteger protege proteges protegee protegees protegent,
    election: elire elisent, achat: acheter achete achetes achetee achetees achetent,
    vente: vendre vendu vendus vendue vendues vendent, choix: choisir choisi choisie choisissent,
    debat: debattre debattu debattue debattent, combat: combattre combattu combattent,
    conception: concevoir concu concue concoivent,
    inscription: inscrire inscrit inscrite inscrivent,
    description: decrire decrit decrite decrivent, resolution: resoudre resolu resolue,
    soutien: soutenir soutient soutenu soutenue soutiennent,
    entretien: entretenir entretient entretenu entretenue entretiennent,
    maintien: maintenir maintient maintenu maintenue maintiennent
    """
)

_ACTS = (
    "jumel|recycl|chauff|eclair|nettoy|compost|ramass|jardin|affich|arros|bricol|demarr|depist"
    "|drain|elagu?|emball|gaspill|labour|lav|pav|pilot|pomp|sabl|sech|stock|usin|desherb|arrach"
    "|balay|broy|filtr|marqu|goudronn|parrain|cabl|depann|calfeutr"
)
"""Verbs whose act is named in -age: the ending alone does not tell (village, paysage, partage)."""

_THEY = (
    "[iou]s|ss|ch|gn|ou|nn|ll|[bcdfgptv][lr]|r[lntv]|lv|nc|[pcls]t|nt|[eo]ut|ot|it|iv|[aeo]uv|ev|fi"
    "|bli|oi|mb|form|(?:i|an)qu|[tnrgyl]ag|og|ang|ns|[bnc]u|itu|[lv]alu|olu|ur|[bcdglmnpstv]er|cul|mul|ord|gard|aid|uid|ecid|sed|men"
    "|[bdgls]in|termin|cup|cip|uip|oup|pp"
)
"""Behind these -ent is a verb’s; elsewhere mostly not (client, permanent, différent)."""
_NO_VERBS = (
    "excellent|content|mecontent|intermittent|impotent|souvent|couvent|tangent|truculent|argent"
    "|onguent|inconvenient|innocent|belligerent"
)
_NO_PAST = (
    "petit|(?:dis)?credit|interdit|profit|conflit|recit|debit|delit|deficit|appetit|manuscrit"
    "|inedit|transit|granit|repit|gabarit|erudit|bandit|cockpit|audit|(?:im)?parfait"
    "|(?:auto)?portrait|retrait|forfait|souhait|bienfait|(?:in)?satisfait|extrait|attrait|maudit"
)
"""Words that end as verbs do in the past."""

RULES = Rules(
    "french",
    _STOP,
    _IRREGULAR,
    rewrites(
        (r"(?<=[a-z]{2})ees?$", "e"),
        (r"(?<=[a-z]{2})asses?$", "asser"),
        # Réduire, réduit, réduction.
        (r"(?<=[a-z][dr])u(?:ire|its?|ites?|isent|isant|ctions?)$", "uite"),
        (rf"^(?!(?:{_NO_VERBS})$)([a-z]*(?:{_THEY}))ent$", r"\1e"),
        (r"^([a-z]{3,}f|(?:re)?publ|oubl|etud|copi?)ier$", r"\1ie"),
        (r"(?<=[a-z]{2}if)ications?$", "ie"),
        (r"^(assoc|apprec|negoc|benefic|remerc|licenc|exped|ded)ie(?:s|nt)?$", r"\1ier"),
        (r"(?<=[a-z][ao])y(?=es?$)", "i"),
        (rf"^({_ACTS})ages?$", r"\1er"),
        (r"^(tax|plant)ations?$", r"\1er"),
        (r"^(subvent|sanct|select|perfect)ionn(?:er|es?)$", r"\1ion"),
        (r"^(deleg|promulg|navig|irrig)u(?=er$|es?$)", r"\1"),
        # Vendre, vendu, vendent.
        (r"(?<=[a-z])([eo]nd|erd)(?:res?|ue?s?|s)$", r"\1e"),
        (rf"^({_NO_PAST})$", r"\1e"),
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
        # The stemmer takes the plural of élu, vélo, agenda and loi for a part of the word, and the
        # singular of loisir, opinion and vigneron for a verb.
        (r"(?<=[a-z]{2}[aou])s$", ""),
        (r"(?<=[a-z]{2}(?:ir|on))s$", ""),
        (r"^(?!(?:paris|fois|mois)$)([a-z]+i)s$", r"\1"),
    ),
    re.compile(
        r"(?:[a-z]+i|departe|parle|apparte|amende|comple|supple|ele)ments?|communications?"
        r"|[a-z]{0,3}[b-z][st]ions?|collections?|importants?|courants?|parties?|mairies?"
        r"|aires?|taxis?|etageres?|attentes?|communismes?|lieues?|tiers"
    ),
)
