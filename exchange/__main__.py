"""`python3 -m exchange <command>`: makes the environment if it is not there yet, then runs the command in it.

Standard library only: this is the file a newcomer's bare Python runs first.
"""

import os
import sys

TOOL_COMMANDS = ("test", "lock", "bench")
WEB_COMMANDS = ("up", "test", "api", "bench")
BARE_HELP = ("up", "test")
HELP = {"-h", "--help", "help"}


def option(argv: "list[str]", name: str) -> "str | None":
    """The value of `--name value` or `--name=value` in the arguments."""
    for index, argument in enumerate(argv):
        if argument == name and index + 1 < len(argv):
            return argv[index + 1]
        if argument.startswith(name + "="):
            return argument[len(name) + 1 :]
    return None


def main(argv: "list[str]") -> None:
    """Prepare what the command needs and hand over to `exchange.cli` in the environment's Python."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the one place an older Python gets to read
        sys.stderr.write("The exchange needs Python 3.11 or newer; this is {}.{}.\n".format(*sys.version_info))
        sys.exit(2)
    from exchange import fonts, install, npm

    if not argv or argv[0] in HELP or (argv[0] in BARE_HELP and HELP & set(argv[1:])):
        from exchange import cli

        sys.exit(cli.main(argv))
    chosen = option(argv, "--data") if argv[0] == "up" else None
    if chosen:
        os.environ["EXCHANGE_DATA"] = os.path.abspath(chosen)  # noqa: PTH100 - no symlink resolution wanted
    try:
        python = install.prepare("dev.lock" if argv[0] in TOOL_COMMANDS else "run.lock")
        if argv[0] in WEB_COMMANDS:
            npm.prepare_web(python)
            fonts.prepare_fonts(python)
    except install.InstallError as error:
        sys.stderr.write(f"\n{error}\n\nNothing was started. Check the network and run the same command again.\n")
        sys.exit(1)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(install.ROOT), *other_paths(str(install.ROOT))])
    os.environ.setdefault("EXCHANGE_DATA", str(install.data_folder()))
    sys.stdout.flush()
    os.execv(str(python), [str(python), "-m", "exchange.cli", *argv])  # noqa: S606 - our own interpreter


def other_paths(root: str) -> "list[str]":
    """What PYTHONPATH already named, without the project itself."""
    return [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path and path != root]


if __name__ == "__main__":
    main(sys.argv[1:])
