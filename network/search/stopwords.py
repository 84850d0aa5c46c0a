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
    """
)

ENGLISH = _list(
    """
    a an and are as at be been being but by can could did do does for from had has have he her hers
    him his how i if in into is it its may me my no nor not of on or our ours she should so such
    than that the their theirs them then there these they this those to too was we were what when
    where which while who whom whose why will with would you your yours
    """
)
