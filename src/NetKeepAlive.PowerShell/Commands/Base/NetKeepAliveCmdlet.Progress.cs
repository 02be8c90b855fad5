using System;
using System.Diagnostics;
using System.Management.Automation;
using System.Threading.Tasks;
using NetKeepAlive.Interop;

namespace NetKeepAlive.PowerShell.Commands;

/// <content>Progress of what the network makes long.</content>
public abstract partial class NetKeepAliveCmdlet
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    /// <summary>Does work beside the pipeline, which shows progress meanwhile, from the first second on.</summary>
    /// <param name="activity">What it is, as a heading.</param>
    /// <param name="status">With whom.</param>
    /// <param name="timeout">How long it may take; null is for ever.</param>
    /// <param name="work">Ends by itself when <see cref="StopToken"/> is cancelled. What it makes is disposed where the
    /// pipeline stops before it could be handed on.</param>
    private protected T ShowProgress<T>(string activity, string status, TimeSpan? timeout, Func<T> work)
    {
        status = VisibleText.Brief(status);
        Task<T> task = Task.Run(work);
        ProgressRecord progress = new(0x4b43, activity, status);
        Stopwatch clock = Stopwatch.StartNew();
        try
        {
            while (Task.WaitAny([task], ProgressInterval) < 0)
            {
                progress.StatusDescription = $"{status}: {clock.Elapsed.TotalSeconds:0} s";
                progress.SecondsRemaining = timeout is { } limit
                    ? (int)Math.Max(0, Math.Ceiling((limit - clock.Elapsed).TotalSeconds))
                    : -1;
                WriteProgress(progress);
            }

            if (clock.Elapsed >= ProgressInterval)
            {
                progress.RecordType = ProgressRecordType.Completed;
                WriteProgress(progress);
            }
        }
        catch (PipelineStoppedException)
        {
            _ = task.ContinueWith(
                static done => (done.Result as IDisposable)?.Dispose(), TaskContinuationOptions.OnlyOnRanToCompletion);
            throw;
        }

        return task.GetAwaiter().GetResult();
    }
}
