using Keyturn.Server.Doors;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>What the doors of IAM, GaussDB, DDM and DDS have in common.</summary>
internal static class HuaweiDoors
{
    /// <summary>The door of a service: its callers sign or show a token, and IAM answers beside it.</summary>
    public static Door Of(string name, string paths, HuaweiService service) => new(name)
    {
        Paths = paths,
        IsAskedBy = request => HuaweiServices.Of(request) == service,
        Scheme = HuaweiHandler.SchemeName,
        WriteErrorAsync = HuaweiErrors.WriteAsync,
        AddHeaders = NameRequest,
        Companion = HuaweiIamDialect.Door,
    };

    public static void AddHuawei(this IServiceCollection services)
    {
        services.AddAuthentication().AddScheme<HuaweiOptions, HuaweiHandler>(HuaweiHandler.SchemeName, configureOptions: null);
        services.AddSingleton<SignedCalls>().AddSingleton<SignIn>();
    }

    /// <summary>Their clients show the request's id in error texts; it is 32 hexadecimal digits there.</summary>
    public static void NameRequest(HttpContext http) => http.TraceIdentifier = Guid.NewGuid().ToString("N");
}
