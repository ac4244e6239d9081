using System.Globalization;
using System.Net;
using System.Text;

namespace Keyturn.Bench;

/// <summary>
/// A run as a picture: for each row how fast Keyturn is where its floor is 1, the range over rounds, and where the goal is; then resets in a
/// second beside the peer's. It brings its own background, for light pages and dark ones.
/// </summary>
internal sealed class Plot(BenchRun run)
{
    private const int Width = 900;
    private const int Left = 330;
    private const int Right = 90;
    private const int RowHeight = 22;
    private const int Top = 62;

    private const string Style =
        """
        <style>
          .ground { fill: #ffffff } .text { fill: #1f2328; font: 13px system-ui, sans-serif } .small { fill: #59636e; font: 11px system-ui, sans-serif }
          .title { fill: #1f2328; font: 600 15px system-ui, sans-serif } .grid { stroke: #d1d9e0 } .floor { stroke: #59636e; stroke-width: 1.5 }
          .range { stroke: #0969da; stroke-width: 3; stroke-opacity: .45; stroke-linecap: round } .met { fill: #0969da } .missed { fill: #cf222e } .goal { stroke: #9a6700; stroke-width: 2 } .peer { fill: #818b98 }
          @media (prefers-color-scheme: dark) {
            .ground { fill: #0d1117 } .text, .title { fill: #f0f6fc } .small { fill: #9198a1 } .grid { stroke: #3d444d } .floor { stroke: #9198a1 }
            .range { stroke: #4493f8 } .met { fill: #4493f8 } .missed { fill: #f85149 } .goal { stroke: #d29922 } .peer { fill: #656c76 }
          }
        </style>
        """;

    private readonly StringBuilder _svg = new();
    private readonly List<Row> _ratios = [.. run.Rows.Where(row => !row.Goal.IsPeers)];
    private readonly List<Row> _rates = [.. run.Rows.Where(row => row.Goal.IsPeers)];

    public string Draw()
    {
        var ratesTop = Top + (_ratios.Count * RowHeight) + 80;
        var height = ratesTop + (_rates.Count * 2 * RowHeight) + 30;
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" role=\"img\" aria-label=\"Speed of Keyturn beside its floors\">");
        _svg.Append(Style).Append('\n');
        Add($"<rect class=\"ground\" width=\"{Width}\" height=\"{height}\" rx=\"6\"/>");
        DrawRatios();
        DrawRates(ratesTop);
        _svg.Append("</svg>\n");
        return _svg.ToString();
    }

    private void DrawRatios()
    {
        Add($"<text class=\"title\" x=\"16\" y=\"26\">Speed of Keyturn, where the floor measured beside it is 1</text>");
        Add($"<text class=\"small\" x=\"16\" y=\"44\">dot: median; bar: range over rounds; upright line: goal; red: goal not met</text>");
        var most = Math.Max(1.5, Math.Ceiling(_ratios.SelectMany(row => row.Speeds).DefaultIfEmpty(1).Max() * 2) / 2);
        var bottom = Top + (_ratios.Count * RowHeight);
        for (var tick = 0.0; tick <= most; tick += 0.25)
        {
            Add($"<line class=\"{(tick == 1 ? "floor" : "grid")}\" x1=\"{X(tick, most)}\" x2=\"{X(tick, most)}\" y1=\"{Top}\" y2=\"{bottom}\"/>");
            Add($"<text class=\"small\" text-anchor=\"middle\" x=\"{X(tick, most)}\" y=\"{bottom + 16}\">{tick:0.##}</text>");
        }

        for (var i = 0; i < _ratios.Count; i++)
        {
            DrawRatio(_ratios[i], Top + (i * RowHeight) + (RowHeight / 2), most);
        }
    }

    private void DrawRatio(Row row, int y, double most)
    {
        var (median, goal) = (row.Speed, row.Goal.Compared == Compared.Time ? 1 / row.Goal.Ratio : row.Goal.Ratio);
        var callers = row.Callers == 1 ? "1 caller" : $"{row.Callers} callers";
        Label($"{row.Subject}: {row.Operation}, {callers}", y);
        Add($"<line class=\"range\" x1=\"{X(row.Speeds.Min(), most)}\" x2=\"{X(row.Speeds.Max(), most)}\" y1=\"{y}\" y2=\"{y}\"/>");
        Add($"<line class=\"goal\" x1=\"{X(goal, most)}\" x2=\"{X(goal, most)}\" y1=\"{y - 8}\" y2=\"{y + 8}\"/>");
        Add($"<circle class=\"{Class(row)}\" cx=\"{X(median, most)}\" cy=\"{y}\" r=\"5\"/>");
        Add($"<text class=\"small\" x=\"{Width - Right + 12}\" y=\"{y + 4}\">{median:0.00}</text>");
    }

    private void DrawRates(int top)
    {
        if (_rates.Count == 0)
        {
            return;
        }

        Add($"<text class=\"title\" x=\"16\" y=\"{top - 32}\">Resets in a second, 32 callers, without TLS</text>");
        Add($"<text class=\"small\" x=\"16\" y=\"{top - 14}\">grey: HashiCorp Vault 1.8, by its share of the bare statement's rate; it proves nothing: as it comes beside our proved resets, tuned beside unproved ones</text>");
        var most = _rates.Max(row => Math.Max(row.PerSecond, row.PeerPerSecond));
        for (var i = 0; i < _rates.Count; i++)
        {
            var y = top + (i * 2 * RowHeight);
            Label($"{_rates[i].Subject.Replace(PeerRows.WithoutTls, "", StringComparison.Ordinal)}: {_rates[i].Operation}", y + (RowHeight / 2));
            Bar(_rates[i].PerSecond, most, y + 3, Class(_rates[i]));
            Bar(_rates[i].PeerPerSecond, most, y + RowHeight - 1, "peer");
        }
    }

    private void Label(string text, int y) => Add($"<text class=\"text\" text-anchor=\"end\" x=\"{Left - 14}\" y=\"{y + 4}\">{WebUtility.HtmlEncode(text)}</text>");

    private void Bar(double value, double most, int y, string kind)
    {
        Add($"<rect class=\"{kind}\" x=\"{Left}\" y=\"{y}\" width=\"{X(value, most) - Left:0.#}\" height=\"15\" rx=\"2\"/>");
        Add($"<text class=\"small\" x=\"{X(value, most) + 6:0.#}\" y=\"{y + 12}\">{value:0}/s</text>");
    }

    private static string Class(Row row) => row.IsMet ? "met" : "missed";

    private static double X(double value, double most) => Math.Round(Left + (value / most * (Width - Left - Right)), 1);

    private void Add(FormattableString line) => _svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
