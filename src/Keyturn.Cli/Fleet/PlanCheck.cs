using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Fleet;

/// <summary>What can be known to go wrong before anything is changed: the server's own rules, and passwords that are not at hand.</summary>
internal sealed class PlanCheck(Session session, List<Fault> faults)
{
    /// <param name="plans">What is to be done; unchanged ones keep the rules.</param>
    /// <param name="registered">What there is.</param>
    /// <param name="cancel">The person has enough.</param>
    public async Task RunAsync(IReadOnlyList<InstancePlan> plans, Registered registered, CancellationToken cancel)
    {
        foreach (var plan in plans.Where(plan => plan.Action != PlanAction.Unchanged))
        {
            var engine = registered.Find(plan.Declared.Name)?.Text("engine") ?? plan.Declared.Body["engine"]!.GetValue<string>();
            if (plan.Body["engine"] is { } wanted && wanted.GetValue<string>() != engine)
            {
                Refuse(plan, $"the engine of an instance does not change, and it is registered as {engine}: register the other server under a name of its own.");
                continue;
            }

            var request = new ApiRequest(HttpMethod.Post, ApiPath.Of("instances", "check"), "Asking the server") { Body = plan.Whole.DeepClone().AsObject(), Changes = false };
            var answer = await session.SendAsync(request, cancel);
            if (!answer.IsSuccess)
            {
                Refuse(plan, new Problem(answer.Status, answer.Body).Line());
            }

            foreach (var violation in answer.Body.Items("violations"))
            {
                Refuse(plan, Printable.Of(violation.Text("sentence")));
            }
        }
    }

    private void Refuse(InstancePlan plan, string sentence) => faults.Add(new Fault(plan.Declared.At, $"{plan.Declared.Name}: {sentence}"));
}
