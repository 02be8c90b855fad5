using System;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading.Tasks;

namespace NetKeepAlive.PowerShell.Servers;

/// <content>Serving one connection.</content>
public sealed partial class SocketServerJob
{
    /// <summary>One connection and the script block that serves it.</summary>
    private sealed class Service(SocketServerJob job, NetSocket socket)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly object _gate = new();
        private System.Management.Automation.PowerShell? _shell;
        private bool _asked;

        internal NetSocket Socket { get; } = socket;

        /// <summary>Ends when the connection is closed and the runspace given back.</summary>
        internal Task Done => _done.Task;

        internal void Begin() => _ = Task.Run(RunAsync);

        /// <summary>Asks the script block to stop, and does not wait for it.</summary>
        internal void Ask()
        {
            lock (_gate)
            {
                _asked = true;
                _shell?.BeginStop(null, null);
            }
        }

        private async Task RunAsync()
        {
            Runspace? runspace = null;
            try
            {
                runspace = job._runspaces.Take();
                using System.Management.Automation.PowerShell shell = Prepare(runspace);
                PSDataCollection<PSObject> output = [];
                output.DataAdded += (_, added) => Forward(output, job.Output);
                IAsyncResult running;
                lock (_gate)
                {
                    if (_asked)
                    {
                        return;
                    }

                    // The script block runs on the runspace's own thread.
                    running = shell.BeginInvoke<PSObject, PSObject>(null, output);
                    _shell = shell;
                }

                try
                {
                    await Task.Factory.FromAsync(running, shell.EndInvoke).ConfigureAwait(false);
                }
                finally
                {
                    lock (_gate)
                    {
                        _shell = null;
                    }
                }
            }
            catch (PipelineStoppedException)
            {
                // The job was stopped.
            }
            catch (RuntimeException failed)
            {
                job.Report(failed.ErrorRecord);
            }
            catch (Exception failed) when (failed is ObjectDisposedException or InvalidOperationException)
            {
                if (!job._stop.IsCancellationRequested)
                {
                    job.Report(new ErrorRecord(failed, "ServerFailed", ErrorCategory.InvalidOperation, Socket));
                }
            }
            finally
            {
                Socket.Dispose();
                if (runspace is not null)
                {
                    job._runspaces.Return(runspace);
                }

                job.Forget(this);
                _done.SetResult();
            }
        }

        private System.Management.Automation.PowerShell Prepare(Runspace runspace)
        {
            System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create();
            shell.Runspace = runspace;
            shell.AddScript(job._script, useLocalScope: true).AddArgument(Socket);
            foreach (object? argument in job._arguments)
            {
                shell.AddArgument(argument);
            }

            if (job._using.Count > 0)
            {
                shell.AddParameter(UsingValues.Parameter, job._using);
            }

            Connect(shell.Streams.Error, job.Error);
            Connect(shell.Streams.Warning, job.Warning);
            Connect(shell.Streams.Verbose, job.Verbose);
            Connect(shell.Streams.Debug, job.Debug);
            Connect(shell.Streams.Information, job.Information);
            return shell;
        }

        private static void Connect<T>(PSDataCollection<T> from, PSDataCollection<T> to) =>
            from.DataAdded += (_, _) => Forward(from, to);

        private static void Forward<T>(PSDataCollection<T> from, PSDataCollection<T> to)
        {
            try
            {
                foreach (T item in from.ReadAll())
                {
                    to.Add(item);
                }
            }
            catch (Exception closed) when (closed is PSInvalidOperationException or ObjectDisposedException)
            {
                // The job was removed: nobody is left to read it.
            }
        }
    }
}
