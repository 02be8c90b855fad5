# What the tests of sockets share: pipelines that wait in another runspace, and counting descriptors.

# Starts a script in a runspace of its own, with the module imported. The script gets the arguments.
function Start-TestPipeline([scriptblock]$Script, [object[]]$ArgumentList = @()) {
    $shell = [powershell]::Create()
    $null = $shell.AddScript("Import-Module '$(Get-TestManifest)'").Invoke()
    $shell.Commands.Clear()
    $null = $shell.AddScript($Script)
    foreach ($argument in $ArgumentList) {
        $null = $shell.AddArgument($argument)
    }
    $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
    [pscustomobject]@{
        Shell  = $shell
        Output = $output
        Handle = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
    }
}

# Waits until the pipeline has ended by itself; its output, with its errors beside it.
function Wait-TestPipeline($Pipeline, [double]$Seconds = 20) {
    Wait-Until { $Pipeline.Handle.IsCompleted } 'the pipeline of another runspace' $Seconds
    $null = $Pipeline.Shell.EndInvoke($Pipeline.Handle)
    [pscustomobject]@{ Output = @($Pipeline.Output); Errors = @($Pipeline.Shell.Streams.Error) }
    $Pipeline.Shell.Dispose()
}

# Stops the pipeline as Ctrl+C does; how many milliseconds that took.
function Stop-TestPipeline($Pipeline) {
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $Pipeline.Shell.Stop()
    $clock.Elapsed.TotalMilliseconds
    $Pipeline.Shell.Runspace.Dispose()
    $Pipeline.Shell.Dispose()
}

# The shortest of up to ten stops of the script once it waits; ends with one below 200 ms. A long one may be the machine's.
function Measure-TestStop([scriptblock]$Script, [object[]]$ArgumentList = @()) {
    $shortest = [double]::MaxValue
    for ($attempt = 0; $attempt -lt 10 -and $shortest -ge 200; $attempt++) {
        $pipeline = Start-TestPipeline $Script $ArgumentList
        Start-Sleep -Milliseconds 300
        $pipeline.Handle.IsCompleted | Should -BeFalse -Because 'it must still wait'
        $shortest = [math]::Min($shortest, (Stop-TestPipeline $pipeline))
    }
    $shortest
}

# How many descriptors this process has open.
function Get-DescriptorCount {
    [System.IO.Directory]::GetFileSystemEntries("/proc/$PID/fd").Count
}

# The processor time of each thread that runs a pipeline, in hundredths of a second: thread id to time.
function Get-PipelineTime {
    $times = @{}
    foreach ($task in Get-ChildItem /proc/$PID/task) {
        if ((Get-Content "$task/comm" -ErrorAction Ignore) -like 'Pipeline Exec*') {
            $fields = (Get-Content "$task/stat" -ErrorAction Ignore) -replace '^\d+ \(.*\) ' -split ' '
            $times[$task.Name] = [int]$fields[11] + [int]$fields[12]
        }
    }
    $times
}

# A folder of a short name, for socket files.
function New-TestFolder {
    [System.IO.Directory]::CreateTempSubdirectory('nka').FullName
}

# Skips the running test where there is no Linux.
function Skip-WithoutLinux {
    if (-not $IsLinux) {
        Set-ItResult -Skipped -Because 'Linux only'
    }
}

# Runs a Python program to its end, its arguments in sys.argv; its output as lines.
function Invoke-Python([string]$Program, [string[]]$ArgumentList = @()) {
    python3 -c $Program @ArgumentList
}

# Starts a Python program that prints "ready" once it is.
function Start-Python([string]$Program, [string[]]$ArgumentList = @()) {
    $process = Start-TestProcess python3 (@('-u', '-c', $Program) + $ArgumentList)
    $line = $process.StandardOutput.ReadLine()
    if ($line -ne 'ready') {
        throw "python3: $line $($process.StandardError.ReadToEnd())"
    }
    $process
}

Export-ModuleMember -Function *-*
