using System.Text.Json;
using Spectre.Console;

namespace Keyturn.Cli.Output;

/// <summary>Tables and lists for people. Cells are text of others, never markup.</summary>
internal static class Tables
{
    /// <summary>One row an item; a column is the name of a member and stands over its values.</summary>
    public static void WriteTable(this Terminal terminal, IEnumerable<JsonElement> items, params string[] members) =>
        terminal.WriteTable([.. members.Select(Heading)], items.Select(item => members.Select(member => item.Text(member)).ToArray()));

    /// <summary>One row an array of cells.</summary>
    public static void WriteTable(this Terminal terminal, string[] headings, IEnumerable<string[]> rows)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var heading in headings)
        {
            table.AddColumn(new TableColumn(new Text(heading, new Style(decoration: Decoration.Bold))).PadRight(2));
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(Printable.Of(cell))));
        }

        terminal.OutConsole().Write(table);
    }

    /// <summary>One line a pair; pairs without a value are left out.</summary>
    public static void WriteList(this Terminal terminal, params (string Name, string Value)[] pairs)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn();
        foreach (var (name, value) in pairs.Where(pair => pair.Value.Length > 0))
        {
            grid.AddRow(new Text(name), new Text(Printable.Of(value)));
        }

        terminal.OutConsole().Write(grid);
    }

    private static string Heading(string member) => member.Replace('_', ' ').ToUpperInvariant();
}
