using Keyturn.Server.Dialects.HuaweiIam;
using Microsoft.AspNetCore.Http;

namespace Keyturn.Server.Tests.Dialects.HuaweiIam;

public sealed class HuaweiServicesTests
{
    private const string Project = "0549b4a43100d4f32f51c01c2fe4acdb";
    private const string Id = "cc6345c64cec47499182467ea0dd432a";

    [Theory]
    [InlineData("/", "Iam")]
    [InlineData("/v3", "Iam")]
    [InlineData("/v3/auth/tokens", "Iam")]
    [InlineData("/v3/projects?name=eu-de", "Iam")]
    [InlineData("/mysql/v3/P/instances", "GaussDb")]
    [InlineData("/v3.1/P/instances", "GaussDb")]
    [InlineData("/v3/P/instances/IDin07", "GaussDb")]
    [InlineData("/v3/P/instances/not-an-id/password", "GaussDb")]
    [InlineData("/v3/P/instances?datastore_type=gaussdb-mysql", "GaussDb")]
    [InlineData("/v3/P/jobs?id=1", "GaussDb")]
    [InlineData("/v1/P/instances", "Ddm")]
    [InlineData("/v2/P/instances/IDin09/users/app/password", "Ddm")]
    [InlineData("/v3/P/instances/IDin09/users/app/password", "Ddm")]
    [InlineData("/v3/P/instances/not-an-id/users/app/password", "Ddm")]
    [InlineData("/v3/P/jobs/1", "Ddm")]
    [InlineData("/v3/P/instances", "Dds")]
    [InlineData("/v3/P/instances?id=IDin07", "GaussDb")]
    [InlineData("/v3/P/instances/IDin02/check-password", "Dds")]
    [InlineData("/v3/P/weak-password-verification", "Dds")]
    [InlineData("/v2/databases/IDin09", "None")]
    [InlineData("/v2/redis/databases", "None")]
    [InlineData("/api/v1/status", "None")]
    public void Of_Path_IsTheServices(string path, string service)
    {
        var parts = path.Replace("P/", Project + "/", StringComparison.Ordinal).Replace("ID", Id, StringComparison.Ordinal).Split('?');
        var request = new DefaultHttpContext().Request;
        request.Path = parts[0];
        request.QueryString = new QueryString(parts.Length > 1 ? "?" + parts[1] : "");

        HuaweiServices.Of(request).ToString().ShouldBe(service);
    }

    [Theory]
    [InlineData(Id + "in02", "in02", true)]
    [InlineData(Id + "IN02", "in02", true)]
    [InlineData(Id + "in07", "in02", false)]
    [InlineData(Id, "", true)]
    [InlineData(Id, "in02", false)]
    [InlineData("{c6345c64cec47499182467ea0dd432a}in02", "in02", false)]
    public void TryParse_InstanceId_NeedsItsSuffix(string text, string suffix, bool isOne) => (HuaweiId.TryParse(text, suffix) is not null).ShouldBe(isOne);
}
