using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Dialects.DigitalOcean;

/// <summary>Which part of a list is asked for. pydo and dots ask for none and follow no links, so that they get everything.</summary>
/// <param name="Page">From 1.</param>
/// <param name="PerPage">1 to 200.</param>
internal sealed record DigitalOceanPage([FromQuery] int? Page, [FromQuery(Name = "per_page")] int? PerPage)
{
    private const int DefaultPerPage = 20;
    private const int MaxPerPage = 200;

    private bool IsAll => Page is null && PerPage is null;

    private int Number => Math.Max(Page ?? 1, 1);

    private int Size => Math.Clamp(PerPage ?? DefaultPerPage, 1, MaxPerPage);

    public IEnumerable<T> Of<T>(IReadOnlyList<T> all) => IsAll ? all : all.Skip((int)Math.Min((Number - 1L) * Size, int.MaxValue)).Take(Size);

    /// <summary>Links to the other pages; empty where there is one page only.</summary>
    public Links Links(HttpContext http, int total)
    {
        var last = IsAll ? 1 : Math.Max((total + Size - 1) / Size, 1);
        if (last == 1)
        {
            return new Links(Pages: null);
        }

        var isFirst = Number == 1;
        var isLast = Number >= last;
        return new Links(new Pages(
            isFirst ? null : To(http, 1),
            isFirst ? null : To(http, Math.Min(Number - 1, last)),
            isLast ? null : To(http, Number + 1),
            isLast ? null : To(http, last)));
    }

    private string To(HttpContext http, int page)
    {
        var query = QueryString.Create("page", $"{page}").Add("per_page", $"{Size}");
        if (http.Request.Query["tag_name"] is [{ } tag, ..])
        {
            query = query.Add("tag_name", tag);
        }

        return $"{http.Request.Scheme}://{http.Request.Host}{http.Request.Path}{query}";
    }
}
