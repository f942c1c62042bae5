import re
from pathlib import Path

import msgspec
import pytest

from responder_api import reference
from responder_api.settings import PREFIX, SECRETS, BadSetting, Settings, read_settings

ROOT = Path(reference.__file__).resolve().parent.parent


def test_nothing_set_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({"DHARURA_PORT": "", "PATH": "/bin", "DHARURAX": "1"}) == Settings()


def test_values_are_read_as_what_they_are() -> None:
    settings = read_settings(
        {
            "DHARURA_DATA": "/srv/dharura",
            "DHARURA_PORT": "0",
            "DHARURA_ALLOWED_ORIGINS": "https://a.example, https://b.example,",
            "DHARURA_BODY_SECONDS": "2.5",
            "DHARURA_INTAKE_KEY": "0123456789abcdef",
            "DHARURA_BOUNDARIES": "wards.fgb",
        }
    )
    assert settings.data == Path("/srv/dharura")
    assert settings.port == 0
    assert settings.allowed_origins == ("https://a.example", "https://b.example")
    assert settings.body_seconds == 2.5
    assert settings.intake_key == "0123456789abcdef"
    assert settings.boundaries == Path("wards.fgb")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DHARURA_PORT", "eight thousand"),
        ("DHARURA_PORT", "65536"),
        ("DHARURA_PORT", "8000.5"),
        ("DHARURA_COUNTY", "42"),
        ("DHARURA_COUNTY", "KE.042.238"),
        ("DHARURA_MAX_BODY_BYTES", "-1"),
        ("DHARURA_BODY_SECONDS", "nan"),
        ("DHARURA_BODY_SECONDS", "inf"),
        ("DHARURA_TOKEN_MINUTES", "0"),
        ("DHARURA_LOG_LEVEL", "loud"),
        ("DHARURA_SMS_URL", "file:///etc/passwd"),
        ("DHARURA_INTAKE_KEY", "short"),
        ("DHARURA_PUBLIC_URL", "https://x.example/path"),
    ],
)
def test_a_bad_value_gives_one_line_that_names_the_setting(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read_settings({name: value})
    line = str(refused.value)
    assert line.startswith(f"{name}: ")
    assert "\n" not in line


def test_a_misspelt_setting_is_refused_and_the_right_one_suggested() -> None:
    with pytest.raises(BadSetting, match=r"DHARURA_INTAKE_KYE.*DHARURA_INTAKE_KEY"):
        read_settings({"DHARURA_INTAKE_KYE": "0123456789abcdef"})


def test_secrets_are_not_shown() -> None:
    settings = read_settings({"DHARURA_INTAKE_KEY": "0123456789abcdef", "DHARURA_SMS_API_KEY": "fedcba9876543210"})
    assert "0123456789abcdef" not in repr(settings)
    assert "fedcba9876543210" not in str(settings)
    with pytest.raises(BadSetting) as refused:
        read_settings({"DHARURA_INTAKE_KEY": "tooshort"})
    assert "tooshort" not in str(refused.value)


def test_what_sounds_secret_is_one() -> None:
    names = Settings.__struct_fields__
    sounding = {name for name in names if name.endswith(("_key", "password", "secret"))}
    assert sounding - {"kafka_key"} == SECRETS - {"database"}  # a file's name is none; an address may hold a password
    assert set(names) >= SECRETS


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Settings().port = 1  # type: ignore[misc]


def test_every_setting_says_what_it_means() -> None:
    for field in msgspec.structs.fields(Settings):
        assert len(field.type.__metadata__[0].description) > 20, field.name


def test_no_variable_is_used_that_the_table_does_not_have() -> None:
    known = {PREFIX + name.upper() for name in Settings.__struct_fields__}
    for folder in ("geo", "alerts", "streams", "responder_api", "fixtures"):
        for path in (ROOT / folder).rglob("*.py"):
            used = set(re.findall(r"\bDHARURA_[A-Z][A-Z0-9_]*", path.read_text(encoding="utf-8")))
            assert used <= known, path


def test_the_written_pages_are_those_of_the_tables() -> None:
    assert reference.stale() == []


def test_a_stale_page_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "errors.md").write_text(reference.pages()["errors.md"], encoding="utf-8")
    (tmp_path / "settings.md").write_text("old", encoding="utf-8")
    assert reference.stale(tmp_path) == ["settings.md"]


def test_a_cluster_needs_both_of_its_servers() -> None:
    kafka, database = {"DHARURA_KAFKA": "kafka://b1:9092,b2:9092"}, {"DHARURA_DATABASE": "postgresql://u:p@db/x"}
    assert not read_settings({}).clustered
    assert read_settings(kafka | database).clustered
    with pytest.raises(BadSetting, match="DHARURA_DATABASE is missing"):
        _ = read_settings(kafka).clustered
    with pytest.raises(BadSetting, match="DHARURA_KAFKA is missing"):
        _ = read_settings(database).clustered


def test_a_password_in_the_address_of_the_database_is_not_shown() -> None:
    assert "hunter2" not in repr(read_settings({"DHARURA_DATABASE": "postgresql://u:hunter2@db/x"}))
    with pytest.raises(BadSetting) as refused:
        read_settings({"DHARURA_DATABASE": "u:hunter2@db/x"})
    assert "hunter2" not in str(refused.value)


def test_every_setting_of_the_cluster_can_be_read() -> None:
    said = {
        "DHARURA_KAFKA_SECURITY": "sasl_ssl",
        "DHARURA_KAFKA_REPLICATION": "3",
        "DHARURA_KAFKA_PASSWORD_FILE": "/run/secrets/kafka",
        "DHARURA_TOPIC_PREFIX": "west.",
        "DHARURA_WORKER": "w-1",
    }
    read = read_settings(said)
    assert (read.kafka_security, read.kafka_replication, read.topic_prefix) == ("sasl_ssl", 3, "west.")
    for name, wrong in (("KAFKA_REPLICATION", "0"), ("TOPIC_PREFIX", "a b"), ("KAFKA", "me:pw@b1"), ("WORKER", "a/b")):
        with pytest.raises(BadSetting, match=f"DHARURA_{name}"):
            read_settings({f"DHARURA_{name}": wrong})
