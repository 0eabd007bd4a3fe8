"""An import contract with an allow list: pure modules import each other and what is named, nothing else.

Import-linter's own contracts forbid what they name; a pure part must refuse what nobody thought of.
"""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

from tests.house.layout import is_within


class PureContract(Contract):
    """Modules of `package` outside `border_modules` import only each other and `allowed_imports`."""

    package = fields.StringField()
    border_modules = fields.ListField(subfield=fields.StringField())
    allowed_imports = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Collect every import that leaves the pure part."""
        illegal = illegal_imports(
            graph,
            package=str(self.contract_options["package"]),
            border=tuple(self.contract_options["border_modules"]),
            allowed=tuple(self.contract_options["allowed_imports"]),
        )
        output.verbose_print(verbose, f"{len(illegal)} imports leave the pure part.")
        return ContractCheck(kept=not illegal, metadata={"illegal": illegal})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import with its line."""
        for importer, imported, line in check.metadata["illegal"]:
            output.print_error(f"- {importer} (l. {line}) imports {imported}, which is not pure", bold=False)
        output.new_line()


def illegal_imports(
    graph: ImportGraph, *, package: str, border: tuple[str, ...], allowed: tuple[str, ...]
) -> list[tuple[str, str, int]]:
    """Imports from the pure part of `package` to anything else, as importer, imported and line."""
    inside = sorted(name for name in graph.modules if is_within(name, (package,)))
    pure = [name for name in inside if not is_within(name, border)]
    return [
        (importer, imported, detail["line_number"])
        for importer in pure
        for imported in sorted(graph.find_modules_directly_imported_by(importer))
        if imported not in pure and not is_within(imported, allowed)
        for detail in graph.get_import_details(importer=importer, imported=imported)
    ]
