using Keyturn.Engines;
using Keyturn.Server.Api;
using Keyturn.Server.Dialects.DigitalOcean;
using Microsoft.AspNetCore.Http;

namespace Keyturn.Server.Tests.Api;

public sealed class ProblemsTests
{
    public static TheoryData<RefusalReason> Reasons => [.. Enum.GetValues<RefusalReason>()];

    public static TheoryData<EngineError> Errors => [.. Enum.GetValues<EngineError>()];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Of_EveryRefusal_HasAProblemAndADigitalOceanError(RefusalReason reason)
    {
        var refusal = new Refusal(reason, "Because.", EngineError.Busy) { ResetId = Guid.NewGuid() };

        var problem = Problems.Of(new DefaultHttpContext(), refusal);
        var error = DigitalOceanErrors.Of(new DefaultHttpContext(), refusal);

        problem.Value!.Type.ShouldStartWith("urn:keyturn:problem:");
        problem.StatusCode.ShouldBe(problem.Value.Status);
        problem.Value.ResetId.ShouldBe(refusal.ResetId);
        // Only a store that could not write, before anything was sent, may make a client repeat by itself.
        (error.StatusCode >= 500).ShouldBe(reason == RefusalReason.Store);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void Of_EveryEngineError_IsNothingThatClientsRepeatByThemselves(EngineError cause)
    {
        var failure = new Failure(cause, "Because.");

        Problems.Of(new DefaultHttpContext(), failure).StatusCode!.Value.ShouldBeOneOf(404, 422, 424);
        DigitalOceanErrors.Of(new DefaultHttpContext(), failure).StatusCode!.Value.ShouldBeOneOf(404, 409, 422);
    }

    [Fact]
    public void Of_NameThatNoServerCouldHold_IsTheRequestsFaultNotTheServers()
    {
        var problem = Problems.Of(new DefaultHttpContext(), new Failure(EngineError.InvalidName, "Because.")).Value!;

        problem.Status.ShouldBe(422);
        problem.Type.ShouldBe("urn:keyturn:problem:invalid-request");
        problem.Cause.ShouldBe(EngineError.InvalidName);
    }
}
