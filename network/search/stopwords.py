"""Words too common to search by, folded; few, because each one is a word that cannot be found."""

from __future__ import annotations


def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())


FRENCH = _list(
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
    """
)

ENGLISH = _list(
    """
    a an and are as at be been but by can could did do does for from had has have he her hers
    him his how i if in into is it its may me my no nor not of on or our ours she should so such
    than that the their theirs them then there these they this those to too was we were what when
    where which while who whom whose why will with would you your yours
    about after also because before between during each here just many much more most must only
    other ours over same some still through until upon us very want wants let lets does shall
    am any both every done doing get gets got
    """
)

WEAK = _list(
    """
    sans
    ville villes commune communes city cities town towns projet projets project projects exemple
    exemples example examples cas case cases etude etudes study studies savoir connaitre trouver
    chercher mettre place avoir know find search look make makes made making use uses used using
    work works happen happens need needs help give take people personnes personne gens way ways
    how possible besoin aider permettre permet utiliser donner prendre new nouveau nouvelle
    nouveaux nouvelles good bon bonne best meilleur meilleure meilleurs
    come comes came coming go goes going gone keep keeps kept try tries tried trying become becomes
    anyone someone anybody somebody anything something everything thing things ever never actually
    really sure tell tells say says said
    venir vient viennent venu venus aller allez allons chose choses jamais vraiment dire dit disent
    devenir devient deviennent arriver arrive arrivent garder essayer mieux plusieurs certains
    certaines
    """
)
"""Words that say little beside others: what all studies are about, and frames of questions."""
