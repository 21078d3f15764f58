using System.Net;
using Twill.KernelTests.Callers;
using Twill.KernelTests.Etcd;
using Twill.KernelTests.Fabric;
using Twill.KernelTests.Harness;
using Twill.Linux.Netns;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Agent;

/// <summary>The unit that `twill install` writes, under a systemd that takes it seriously: notification, watchdog, sandbox, stop.</summary>
[Collection(KernelCollection.Name)]
public sealed class SystemdTests : IClassFixture<LeakCheck>
{
    private const string Endpoint = "192.168.1.1:2379";

    /// <summary>One life of a node: joined by one command with certificates for etcd, repaired within the sandbox, hung, killed, stopped, left.</summary>
    [Fact]
    public void Unit_JoinHangKillStopLeave_AsSystemdSeesIt()
    {
        SystemdMachine.Need();
        Requirement.Need("etcd", "etcd");
        string folder = Path.Combine(Artifacts.Scratch, "systemd");
        Directory.CreateDirectory(folder);
        using var net = new FabricNet(1, 1);
        using var authority = new TestAuthority(addresses: [IPAddress.Parse("192.168.1.1")]);
        authority.Write(folder);
        int etcd = StartEtcd(net.RouterNamespace, folder);
        try
        {
            using var machine = new SystemdMachine(net.Nodes[0], folder);
            machine.Shell($"mkdir -p /etc/cni/twill && cp '{folder}'/ca.pem '{folder}'/client.pem '{folder}'/client.key /etc/cni/twill").Succeeded();
            const string tls = "--etcd-ca /etc/cni/twill/ca.pem --etcd-cert /etc/cni/twill/client.pem --etcd-key /etc/cni/twill/client.key";
            string join = $"'{Artifacts.Twill}' join etcd://{Endpoint} --node node1 --cluster-cidr 10.244.0.0/16 --device eth0";

            // Without certificates etcd does not talk to us, and the command says so before anything is installed.
            ChildProcess.Outcome refused = machine.Shell(join);
            Assert.True(refused.ExitCode != 0, refused.ErrorText);
            Assert.Equal("inactive", machine.Run("systemctl", "is-active", "twill").OutputText.Trim());
            ChildProcess.Outcome joined = machine.Shell($"{join} {tls}");
            Assert.True(joined.ExitCode == 0, $"{joined.ExitCode}: {joined.OutputText}{joined.ErrorText}\n{machine.Run("systemctl", "status", "--no-pager", "twill").OutputText}");
            Assert.Contains("joined; next: twill status", joined.ErrorText, StringComparison.Ordinal);
            Assert.Equal(("notify", "active", "running", "0"), (machine.Show("Type"), machine.Show("ActiveState"), machine.Show("SubState"), machine.Show("NRestarts")));
            machine.Await(() => machine.Show("StatusText").StartsWith("node1 ready", StringComparison.Ordinal), "STATUS of a ready node");
            machine.Shell("test -s /etc/cni/net.d/05-twill.conflist && test \"$(systemctl is-enabled twill)\" = enabled").Succeeded();

            // Another node comes by itself: the route to it is made inside the sandbox; sysctls, table and routes are put back there.
            var two = new AgentNode(net.Nodes[1], folder, "--source", $"etcd://{Endpoint}", "--device", "eth0", "--etcd-ca", $"{folder}/ca.pem", "--etcd-cert", $"{folder}/client.pem", "--etcd-key", $"{folder}/client.key");
            using (two)
            {
                two.Start().AwaitReady();
                machine.Await(() => Routes(machine).Length > 0, "the route to node2");
                string routes = Routes(machine);
                machine.Shell("echo 0 >/proc/sys/net/ipv4/ip_forward; ip route flush proto 77; nft flush ruleset").Succeeded();
                machine.Await(() => Routes(machine) == routes && machine.Shell("nft list table inet twill-node >/dev/null && test \"$(cat /proc/sys/net/ipv4/ip_forward)\" = 1").ExitCode == 0, "the repair in the sandbox");

                // Kept alive for longer than the watchdog waits; then it hangs.
                machine.Shell("mkdir -p /etc/systemd/system/twill.service.d && printf '[Service]\\nWatchdogSec=1\\nTimeoutAbortSec=1\\n' >/etc/systemd/system/twill.service.d/quick.conf && systemctl daemon-reload && systemctl restart twill").Succeeded();
                string pid = machine.Show("MainPID");
                ForeignProcess.WaitForEnd(two.ProcessId!.Value, 1500);
                Assert.Equal((pid, "0"), (machine.Show("MainPID"), machine.Show("NRestarts")));
                machine.Shell($"kill -STOP {pid}").Succeeded();
                machine.Await(() => machine.Show("NRestarts") == "1" && machine.Show("ActiveState") == "active", "the restart by the watchdog");
                Assert.NotEqual(pid, machine.Show("MainPID"));
                Assert.Equal(routes, Routes(machine));

                // Killed: the normal stop.
                machine.Shell($"kill -9 {machine.Show("MainPID")}").Succeeded();
                machine.Await(() => machine.Show("NRestarts") == "2" && machine.Show("ActiveState") == "active", "the restart after a kill");
                machine.Await(() => machine.Show("StatusText").StartsWith("node1 ready", StringComparison.Ordinal), "ready again");
                Assert.Equal(routes, Routes(machine));

                // Stopped: at once, cleanly, and nothing is taken away.
                machine.Run("systemctl", "stop", "twill").Succeeded();
                Assert.Equal(("inactive", "success"), (machine.Show("ActiveState"), machine.Show("Result")));
                Assert.Equal(routes, Routes(machine));
                machine.Run("systemctl", "start", "twill").Succeeded();
                ChildProcess.Outcome left = machine.Shell($"rm -r /etc/systemd/system/twill.service.d; '{Artifacts.Twill}' uninstall");
                Assert.True(left.ExitCode == 0, $"{left.ExitCode}: {left.OutputText}{left.ErrorText}");
                Assert.Contains("equal those taken before", left.OutputText, StringComparison.Ordinal);
                Assert.Equal("", Routes(machine));
                Assert.Equal("not-found", machine.Show("LoadState"));
            }
        }
        finally
        {
            if (Command.Run("/bin/sh", "-c", $"kill -9 {etcd}").ExitCode == 0) ChildProcess.Wait(etcd);
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>systemd's own judges: no word is misspelt or ignored, and the exposure stays what it is (3.5, "OK"; a unit without a sandbox has 9.6).</summary>
    [Fact]
    public void Unit_SystemdAnalyze_FindsNoFault_AndItsExposureDoesNotGrow()
    {
        SystemdMachine.Need();
        string folder = Path.Combine(Artifacts.Scratch, "unit");
        Directory.CreateDirectory(Path.Combine(folder, "root/etc/systemd/system"));
        string unit = Path.Combine(folder, "twill.service");
        string text = Twill.Agent.Install.SystemdUnit.Text(Artifacts.Twill, ["--node", "n 1", "--source", "file:/etc/100%/$nodes.yaml"]);
        File.WriteAllText(unit, text);
        ChildProcess.Outcome verified = Verify();
        Assert.True(verified.ExitCode == 0 && verified.ErrorText.Length == 0, verified.ErrorText);
        Command.Run("/usr/bin/systemd-analyze", "security", "--offline=true", "--threshold=40", "--no-pager", unit).Succeeded();

        // The controls: a word that does not exist is told, and a unit without sandbox is above the threshold.
        File.WriteAllText(unit, text.Replace("ProtectSystem=strict", "ProtectSytem=strict", StringComparison.Ordinal));
        Assert.Contains("ProtectSytem", Verify().ErrorText, StringComparison.Ordinal);
        File.WriteAllText(unit, $"[Service]\nExecStart={Artifacts.Twill} agent\n");
        Assert.NotEqual(0, Command.Run("/usr/bin/systemd-analyze", "security", "--offline=true", "--threshold=40", "--no-pager", unit).ExitCode);
        Directory.Delete(folder, recursive: true);

        ChildProcess.Outcome Verify() => Command.Run("/usr/bin/systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit);
    }

    private static string Routes(SystemdMachine machine) => machine.Run("ip", "route", "show", "proto", "77").OutputText;

    private static int StartEtcd(NetworkNamespace network, string folder)
    {
        string words = $"exec etcd --name m0 --data-dir {folder}/etcd --listen-client-urls https://{Endpoint} --advertise-client-urls https://{Endpoint} --listen-peer-urls http://127.0.0.1:2380 --heartbeat-interval 50 --election-timeout 500 --unsafe-no-fsync"
            + $" --cert-file={folder}/server.pem --key-file={folder}/server.key --trusted-ca-file={folder}/ca.pem --client-cert-auth >>{folder}/etcd.log 2>&1 </dev/null";
        return network.Run(() =>
        {
            Command.Run(Command.Find("ip"), "link", "set", "lo", "up").Succeeded();
            return ChildProcess.Start("/bin/sh", ["-c", words], ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "GOMAXPROCS=2"]);
        });
    }
}
