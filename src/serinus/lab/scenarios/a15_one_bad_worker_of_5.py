"""One of the candidate's five workers fails at 10 %.

Workers, not pods: each pod has all five, so that they are equally bad (2.1 %) and the version is
to blame. One bad pod of five would be no regression: a fresh pod is as good as any.
"""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(stable=0.001, candidate=(4 * 0.001 + 0.1) / 5).run(rng)
