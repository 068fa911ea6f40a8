"""Write the table of parameters into a Markdown file, as the declared filters have it."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agreements.selection.documentation import BEGIN, END, NoMarksError, with_parameter_table


class Command(BaseCommand):
    help = "Writes the table of the list's parameters into a Markdown file, between its marks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: object, file: Path, **options: object) -> None:
        try:
            document = file.read_text()
            table = with_parameter_table(document)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except NoMarksError as error:
            raise CommandError(f"{file} has no {BEGIN} and {END}.") from error
        if table != document:
            file.write_text(table)
        self.stdout.write(f"{file}: {'unchanged' if table == document else 'written'}")
