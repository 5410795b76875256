"""What the benchmark measures of the ranking: many SMEs of whom some fit, and a line for each figure."""

from bot.domain.matching import Constraint, load_weights, ranked
from tests.bench.ranking import known_of, made_smes, ranking_lines
from tests.domain.cast import request_in


def test_of_many_smes_some_pass_each_constraint():
    smes = made_smes(200)
    ranking = ranked(request_in("approved"), smes, known_of(smes), load_weights())
    counts = [200, *(ranking.passed[each] for each in Constraint)]
    assert counts == sorted(counts, reverse=True)
    assert counts[1] < 200
    assert len(ranking.candidates) == 15
    assert not ranking.is_empty


async def test_each_number_of_smes_is_ranked_alone_and_with_what_is_read(tmp_path):
    lines = await ranking_lines(tmp_path, (20,))
    assert [line.partition(":")[0] for line in lines] == [
        "ms to rank 20 SMEs as they come",
        "ms to rank 20 SMEs who all may be asked",
        "ms to rank 20 SMEs as they come, with what is known of them read",
    ]
