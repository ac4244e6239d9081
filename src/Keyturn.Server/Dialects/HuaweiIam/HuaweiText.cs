namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>A sentence in the two languages that Huawei's services answer in.</summary>
/// <param name="English">The language of a request that names none, or another one.</param>
/// <param name="Chinese">For <c>X-Language: zh-cn</c>.</param>
internal readonly record struct HuaweiText(string English, string Chinese)
{
    /// <summary>In the language that the request asks for.</summary>
    public string For(HttpRequest request) =>
        request.Headers["X-Language"].ToString().Equals("zh-cn", StringComparison.OrdinalIgnoreCase) ? Chinese : English;
}
