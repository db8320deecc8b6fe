import os
import stat
from pathlib import Path

import pytest

from serinus.adapters.local.envoy import Envoy, Settings
from serinus.adapters.local.places import Places
from serinus.ports.failures import Rejected
from tests.adapters.local.world import entrance, world


def test_an_envoy_that_is_not_there_is_refused(tmp_path: Path) -> None:
    envoy = Envoy(Places(tmp_path), Settings(envoy="/no/such/envoy"))

    with pytest.raises(Rejected, match="/no/such/envoy: there is no Envoy that can be run"):
        envoy.binary()


def test_the_wheel_brings_an_envoy(tmp_path: Path) -> None:
    assert os.access(Envoy(Places(tmp_path), Settings()).binary(), os.X_OK)


def test_equal_content_is_not_written_again_and_has_the_same_version(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.prepare()
    envoy = Envoy(places, Settings())
    path = places.envoy / "cds.json"

    first = envoy.put("cds", [{"name": "a"}])
    inode = path.stat().st_ino
    again = envoy.put("cds", [{"name": "a"}])
    unchanged = path.stat().st_ino
    other = envoy.put("cds", [{"name": "b"}])

    assert first == again != other
    assert inode == unchanged != path.stat().st_ino


async def test_something_that_is_no_envoy_is_refused_with_its_last_words(tmp_path: Path) -> None:
    fake = tmp_path / "envoy"
    fake.write_text("#!/bin/sh\necho I am no Envoy; exit 1\n")
    fake.chmod(0o755)
    places = Places(tmp_path / "home")
    places.prepare()
    envoy = Envoy(places, Settings(port=entrance(), envoy=str(fake)))

    with pytest.raises(Rejected, match="Envoy ended at its start: I am no Envoy"):
        await envoy.start()

    await envoy.stop()
    await envoy.close()


@pytest.mark.envoy
async def test_the_socket_is_for_its_owner_alone_however_long_the_home(tmp_path: Path) -> None:
    home = tmp_path / ("a" * 100) / ("b" * 100)

    async with world(home) as here:
        socket = home / "run" / "envoy" / "admin.sock"
        mode = stat.S_IMODE(socket.stat().st_mode)
        process = here.platform._envoy._process
        assert process is not None
        session = os.getsid(process.pid)
        answered = await here.platform._envoy.admin.ready()

    assert len(str(socket)) > 107
    assert 0o600 == mode
    assert process.pid == session
    assert answered
