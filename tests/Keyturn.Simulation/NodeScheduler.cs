namespace Keyturn.Simulation;

/// <summary>
/// Where the tasks of one Keyturn process run. Nothing is inlined, so that each continuation of an await is a step of its own, which
/// another one may come before, and which never comes once the process is dead.
/// </summary>
internal sealed class NodeScheduler(Timeline timeline) : TaskScheduler
{
    private readonly List<Task> _held = [];
    private int _pauses;
    private bool _isDead;

    public override int MaximumConcurrencyLevel => 1;

    public void Pause() => _pauses++;

    public void GoOn()
    {
        if (--_pauses == 0)
        {
            var held = _held.ToList();
            _held.Clear();
            held.ForEach(QueueTask);
        }
    }

    public void Die()
    {
        _isDead = true;
        _held.Clear();
        timeline.Drop(this);
    }

    public void Execute(Task task)
    {
        if (_pauses > 0)
        {
            _held.Add(task);
        }
        else
        {
            TryExecuteTask(task);
        }
    }

    protected override void QueueTask(Task task)
    {
        if (_isDead)
        {
            return;
        }

        if (_pauses > 0)
        {
            _held.Add(task);
        }
        else
        {
            timeline.Add(this, task);
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _held;
}
