import resource
import subprocess
import sys

from serinus.interfaces.demo import descriptors

CODE = """
import resource
from serinus.interfaces.demo import descriptors
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 400))
print(descriptors.allow(300), resource.getrlimit(resource.RLIMIT_NOFILE)[0], descriptors.allow(999))
"""


def test_a_small_number_of_connections_changes_nothing() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    assert descriptors.allow(1) == 1
    assert before == resource.getrlimit(resource.RLIMIT_NOFILE)


def test_the_limit_is_raised_as_far_as_it_may_be() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == ["300", "364", "336"]
